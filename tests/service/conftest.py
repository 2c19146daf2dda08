from tests.fakes.small_knowledge import edit, small

__all__ = ["edit", "small"]
