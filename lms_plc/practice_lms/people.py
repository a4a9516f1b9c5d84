"""Who has an account: invented people of schools in five countries, the same ones on every machine.

A person's number in their list decides name and address, so nothing here is random. Among them are the names
a roster must survive: an apostrophe, an ampersand, an emoji, decomposed letters, right-to-left script.
"""

import unicodedata
from dataclasses import dataclass

ADMIN = 2
CONNECTOR = 3
MENTOR = 5
FIRST_TEACHER = 20


@dataclass(frozen=True, slots=True)
class Person:
    """An account. ``lang`` is Moodle's language code (``sr_cr``, ``sr_lt``), ``country`` ISO 3166 alpha-2.

    ``takes_messages`` is False for somebody who wants messages from their contacts only, and has none.
    """

    id: int
    username: str
    firstname: str
    lastname: str
    lang: str
    country: str
    city: str
    institution: str = ""
    department: str = ""
    idnumber: str = ""
    suspended: bool = False
    site_admin: bool = False
    takes_messages: bool = True

    @property
    def fullname(self) -> str:
        return f"{self.firstname} {self.lastname}"

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"


@dataclass(frozen=True, slots=True)
class School:
    """A school and the language its staff use; ``departments`` take turns."""

    key: str
    name: str
    city: str
    country: str
    lang: str
    departments: tuple[str, ...]


_FIRST_NAMES = {
    "tr": ("Ayşe Mehmet Elif Mustafa Zeynep Çağrı Şule İbrahim Gülşah Ömer Nurcan Hakan Büşra Uğur Sevgi Emre Özlem"),
    "mk": (
        "Елена Горан Марија Зоран Ѓурѓица Дејан Љубица Игор Весна Кирил Наташа Бојан Жаклина "
        "Стојан Сузана Трајче Ѕвезда"
    ),
    "sr_cr": (
        "Љиљана Небојша Јелена Драган Снежана Милош Ђурђица Владимир Биљана Ненад Жељка Горан "
        "Марина Саша Тања Урош Ивана"
    ),
    "sr_lt": (
        "Dušica Nikola Jasmina Đorđe Gordana Slobodan Mirjana Željko Sanja Aleksandar Olivera "
        "Bojan Nevena Siniša Tamara Ljubiša Vesna"
    ),
    "bs": ("Amra Haris Lejla Edin Selma Mirza Azra Senad Emina Kenan Nejra Adnan Džana Tarik Merima Nermin Aida"),
    "kk": (
        "Айгүл Нұрлан Гүлнар Ерлан Әсел Бауыржан Жанар Қайрат Динара Дәурен Сәуле Асқар Мәдина "
        "Талғат Ұлжан Рүстем Меруерт"
    ),
}
_LAST_NAMES = {
    "tr": ("Yıldız Çelik Öztürk Şahin Güneş Koç Aydın Kılıç Doğan Yılmaz Arslan Çetin Korkmaz"),
    "mk": (
        "Стојаноска/Стојаноски Трајковска/Трајковски Ѓорѓиевска/Ѓорѓиевски Николовска/Николовски "
        "Митревска/Митревски Ќосева/Ќосев Апостолоска/Апостолоски Јованова/Јованов "
        "Димовска/Димовски Петрушева/Петрушев Ристеска/Ристески Наумоска/Наумоски "
        "Здравева/Здравев"
    ),
    "sr_cr": (
        "Јовановић Петровић Ђокић Николић Живковић Станковић Љубојевић Обрадовић Шћепановић "
        "Пантић Марић Џелебџић Вуковић"
    ),
    "sr_lt": (
        "Jovanović Đukić Kovačević Žarković Ilić Šarić Stanojević Vučić Knežević Popović Ćirić Milovanović Lukić"
    ),
    "bs": ("Hadžić Delić Imamović Kovač Mujkić Begović Džaferović Čaušević Omerović Šehić Halilović Zukić Đulić"),
    "kk": (
        "Әбдірахманова/Әбдірахманов Сейітқали Жұмабек Қасымова/Қасымов Нұрғалиева/Нұрғалиев "
        "Оразбай Төлегенова/Төлегенов Бекмырза Смағұл Ысқақова/Ысқақов Досжан Ермекбай "
        "Үсенова/Үсенов"
    ),
}
_SCHOOL_DEPARTMENTS = {
    "tr": ("Matematik", "Türkçe", "Fen Bilimleri", "Rehberlik Servisi – psikolojik danışman"),
    "mk": ("Математика", "Македонски јазик", "Природни науки", "Стручна служба – педагог"),
    "sr_cr": ("Математика", "Српски језик", "Физика", "Стручна служба – психолог"),
    "sr_lt": ("Matematika", "Srpski jezik", "Biologija", "Stručna služba – pedagog"),
    "bs": ("Matematika", "Bosanski jezik", "Hemija", "Stručna služba – psiholog"),
    "kk": ("Математика", "Қазақ тілі", "Физика", "Психологиялық қызмет"),
}

SCHOOLS = tuple(
    School(key, name, city, country, lang, departments or _SCHOOL_DEPARTMENTS[lang])
    for key, name, city, country, lang, departments in (
        ("konya", "Mevlana Ortaokulu", "Konya", "TR", "tr", ()),
        ("bursa", "Uludağ Ortaokulu", "Bursa", "TR", "tr", ()),
        ("izmir", "Kordon Anadolu Lisesi", "İzmir", "TR", "tr", ()),
        ("uzice", "ОШ „Бели анђео“", "Ужице", "RS", "sr_cr", ()),
        ("novisad", "OŠ „Dunavska zora“", "Novi Sad", "RS", "sr_lt", ()),
        ("veles", "ООУ „Вардарска искра“", "Велес", "MK", "mk", ()),
        ("bitola", "ООУ „Пелистерски очи“", "Битола", "MK", "mk", ()),
        ("zenica", "OŠ „Bosanska vila“", "Zenica", "BA", "bs", ()),
        ("talgar", "№12 мектеп-гимназия", "Талғар", "KZ", "kk", ()),
        ("kokshetau", "№5 жалпы білім беретін мектеп", "Көкшетау", "KZ", "kk", ()),
        ("skopje", "Педагошки факултет", "Скопје", "MK", "mk", ("Идни одделенски наставници",)),
    )
)
STAFF = {school.key: 13 for school in SCHOOLS} | {"skopje": 24}
"""How many people of each school have an account here."""


def _numbered_name(lang: str, number: int) -> tuple[str, str]:
    """The ``number``-th name of a language; 17 first and 13 last names give 221 pairs before one returns.

    First names take turns, a woman's and a man's; a last name with two forms is written ``hers/his``.
    """
    first, last = _FIRST_NAMES[lang].split(), _LAST_NAMES[lang].split()
    turn = number % len(first)
    hers, _, his = last[number * 5 % len(last)].partition("/")
    return first[turn], his or hers if turn % 2 else hers


def _staff() -> list[Person]:
    persons: list[Person] = []
    used = dict.fromkeys(_FIRST_NAMES, 0)
    for school in SCHOOLS:
        for number in range(STAFF[school.key]):
            first, last = _numbered_name(school.lang, used[school.lang])
            used[school.lang] += 1
            persons.append(
                Person(
                    id=FIRST_TEACHER + len(persons),
                    username=f"{school.key}{number + 1:02d}",
                    firstname=first,
                    lastname=last,
                    lang=school.lang,
                    country=school.country,
                    city=school.city,
                    institution=school.name,
                    department=school.departments[number % len(school.departments)],
                    idnumber=f"{school.country}-{school.key.upper()}-{number + 1:03d}",
                    suspended=(school.key, number) == ("bursa", 11),
                )
            )
    return persons


def _notable() -> list[Person]:
    decomposed = unicodedata.normalize("NFD", "Zoë Brânză").split()
    return [
        Person(ADMIN, "admin", "Admin", "User", "en", "MK", "Скопје", site_admin=True),
        Person(CONNECTOR, "plcconnector", "Roster", "Connector", "en", "", ""),
        Person(
            MENTOR,
            "mentor",
            "Билјана",
            "Чаловска",
            "mk",
            "MK",
            "Скопје",
            "Биро за образование",
            "Ментор",
            "MENTOR-1",
        ),
        Person(
            6,
            "mentor2",
            "Gülsüm",
            "Ersoy",
            "tr",
            "TR",
            "Ankara",
            "İl Millî Eğitim Müdürlüğü",
            "Mentor",
            "MENTOR-2",
        ),
        Person(
            7,
            "lecturer",
            "Ангелина",
            "Ѓоргоска",
            "mk",
            "MK",
            "Скопје",
            "Педагошки факултет",
            "Предавач",
            "UNI-1",
        ),
        Person(8, "visitor1", "Aoife", "O'Mahony & Co", "en", "MK", "Велес", "ООУ „Вардарска искра“", "English"),
        Person(9, "visitor2", "Nesrin 🌻", "Gök", "tr", "TR", "Konya", "Mevlana Ortaokulu", "Görsel Sanatlar"),
        Person(
            10,
            "visitor3",
            decomposed[0],
            decomposed[1],
            "en",
            "RS",
            "Novi Sad",
            "OŠ „Dunavska zora“",
            "Français",
        ),
        Person(11, "visitor4", "ليلى", "الحدّاد", "en", "TR", "İzmir", "Kordon Anadolu Lisesi", "Arapça"),
        Person(
            12,
            "visitor5",
            "Стефан",
            "-",
            "mk",
            "MK",
            "Битола",
            "ООУ „Пелистерски очи“",
            takes_messages=False,
        ),
    ]


def everyone() -> dict[int, Person]:
    """All accounts by id, in the order of ids."""
    return {person.id: person for person in [*_notable(), *_staff()]}


def crowd_person(number: int, first_id: int) -> Person:
    """The ``number``-th person of a measuring course; its names repeat, its ids and addresses do not."""
    langs = tuple(_FIRST_NAMES)
    lang = langs[number % len(langs)]
    first, last = _numbered_name(lang, number // len(langs))
    username = f"crowd{number:06d}"
    return Person(first_id + number, username, first, last, lang, "KZ", "Астана", idnumber=f"CROWD-{number:06d}")
