from tests.adapters.conftest import clock, engine, migrated_file, migrated_postgres, replica, store

__all__ = ["clock", "engine", "migrated_file", "migrated_postgres", "replica", "store"]
