"""What do the columns and the words in them mean, in the languages of the tool?

Post types are for counting only (how many are not teachers?), never for a right. A word that means different things
in two languages is understood by the language of the headings.
"""

import unicodedata
from collections.abc import Sequence

from connectors.roster import POST_TYPES

_COLUMNS: dict[str, str] = {
    "id": "id|person id|user id|userid|person|identifier|sourcedid|student id|teacher id|staff id|лична шифра"
    "|шифра|ид|kimlik|kimlik no|sicil no|сәйкестендіргіш|идентификатор|табельный номер|personeelsnummer|nummer"
    "|šifra|identifikator|идентификатор лица",
    "id_number": "id number|register number|registration number|матичен број|матични број|matični broj|kayıt numarası"
    "|тіркеу нөмірі|регистрационный номер|учётный номер|registratienummer",
    "name": "name|full name|display name|име и презиме|ime i prezime|ad soyad|adı soyadı|аты жөні|аты-жөні|фио"
    "|полное имя|naam|volledige naam",
    "first": "first name|given name|forename|име|ime|ad|adı|аты|имя|voornaam",
    "last": "last name|family name|surname|презиме|prezime|soyad|soyadı|тегі|фамилия|achternaam",
    "course": "course|course id|community|community id|group of teachers|class|курс|заедница|заједница|zajednica"
    "|kurs|topluluk|ders|қауымдастық|сообщество|gemeenschap|cursus",
    "title": "course title|course name|community name|community title|назив|naziv|topluluk adı|название"
    "|название сообщества|қауымдастық атауы|naam gemeenschap",
    "group": "group|team|group name|група|grupa|grup|топ|группа|groep",
    "role": "role|roles|улога|uloga|rol|рөл|рөлі|роль",
    "post": "post|post type|position|job|job title|работно место|радно место|radno mesto|radno mjesto|görev|görevi"
    "|лауазым|лауазымы|должность|functie",
    "status": "status|state|статус|durum|күй|күйі|состояние",
}

_POSTS: dict[str, str] = {
    "teacher": "teacher|наставник|наставничка|nastavnik|nastavnica|учител|öğretmen|мұғалім|учитель|учительница"
    "|leraar|docent|leerkracht|педагог-предметник",
    "support_service": "support service|support|school counsellor|counselor|psychologist|pedagogue|стручна служба"
    "|стручен соработник|стручни сарадник|stručna služba|stručni saradnik|психолог|педагог|psiholog|pedagog"
    "|rehber öğretmen|psikolog|қолдау қызметі|служба поддержки|ondersteuning|zorgcoördinator",
    "leader": "leader|school leader|principal|head teacher|headteacher|deputy|director|директор|direktor|müdür"
    "|müdür yardımcısı|завуч|директордың орынбасары|schoolleider|directeur",
    "teacher_educator": "teacher educator|trainer|обучувач|eğitmen|öğretmen eğitimcisi|тренер|методист|әдіскер"
    "|lerarenopleider",
    "official": "official|advisor|inspector|советник|саветник|savjetnik|savetnik|инспектор|müfettiş|yetkili"
    "|чиновник|инспекторы|ambtenaar|inspecteur",
    "other": "other|друго|остало|ostalo|diğer|басқа|другое|overig|anders",
}

_STATES: dict[str, str] = {
    "active": "active|активен|активан|aktivan|aktif|белсенді|активный|actief|1|yes",
    "suspended": "suspended|inactive|неактивен|неактиван|neaktivan|pasif|белсенді емес|неактивный|inactief|0|no",
}


def folded(text: str) -> str:
    """Letters and digits alone, in one case; a Turkish dotted or dotless i is an i."""
    plain = unicodedata.normalize("NFKC", text).replace("İ", "i").casefold().replace("ı", "i")
    return "".join(letter for letter in plain if letter.isalnum())


def _turned(words: dict[str, str]) -> dict[str, str]:
    return {folded(word): meaning for meaning, line in words.items() for word in (meaning, *line.split("|"))}


COLUMN_OF = _turned(_COLUMNS)
_POST_OF = _turned(_POSTS)
_STATE_OF = _turned(_STATES)

_RUSSIAN_LETTERS = frozenset("ыэёъ")
_RUSSIAN_HEADINGS = frozenset(map(folded, ("имя", "фамилия", "должность", "роль")))
_MENTOR_IN_RUSSIAN = frozenset(map(folded, ("наставник", "наставничка")))


def is_russian(headings: Sequence[str]) -> bool:
    """Whether the headings are Russian: 'наставник' is a teacher in Macedonian and Serbian, and a mentor here."""
    words = [folded(heading) for heading in headings]
    return any(word in _RUSSIAN_HEADINGS or set(word) & _RUSSIAN_LETTERS for word in words)


def post_type_of(text: str, russian: bool = False) -> str | None:
    """One of `POST_TYPES`, or None for a word that says none."""
    word = folded(text)
    if russian and word in _MENTOR_IN_RUSSIAN:
        return None
    return _POST_OF.get(word)


def is_suspended(text: str) -> bool | None:
    """Whether a status means suspended; None for a word that says neither. No word is active."""
    state = _STATE_OF.get(folded(text)) if text else "active"
    return None if state is None else state == "suspended"


assert _POSTS.keys() == set(POST_TYPES)
