"""Questions that are long, or made to take long: 1,000 characters is the longest that is read."""

from __future__ import annotations

_STORY = (
    "Bonjour, je travaille dans une unité mixte à Lyon et nous préparons un colloque ; un doctorant a publié une photo "
    "du laboratoire sur son compte personnel, notre partenaire industriel s'en est ému, et je voudrais savoir qui "
    "prévenir, si l'on peut demander le retrait, et comment répondre aux commentaires qui se multiplient depuis hier. "
)

HOSTILE = (
    _STORY * 4,
    "a" * 1_000,
    "a " * 500,
    " ".join(f"inconnu{n}" for n in range(110)),
    "twiter facebok linkdin hashtg communicatoin publiction " * 20,
    "comment puis-je et est-ce que le la les de du sur un une " * 18,
    "Lyon Marseille Bordeaux Nantes Lille Strasbourg Toulouse Montpellier Paris " * 14,
    "Patricia Lefort patricia.lefort@inserm.fr 04 72 13 88 04 " * 18,
    "é" * 1_000,
    "#@" * 500,
    "".join(chr(0x0300 + n % 100) + "e" for n in range(500)),
    "'\"; OR 1=1 -- NEAR(" * 50,
)
