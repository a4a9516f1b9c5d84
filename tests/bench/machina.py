"""django-machina as it ships, with cached templates, to measure a topic page beside ours. Only the bench imports this.

``python -m tests.bench.machina`` makes its database, in the folder and of the size the environment says, and prints as
JSON where the measured topic is and the cookie of somebody signed in.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def _configure() -> None:
    import django
    from django.conf import settings
    from machina import MACHINA_MAIN_STATIC_DIR, MACHINA_MAIN_TEMPLATE_DIR

    folder = Path(os.environ["BENCH_FOLDER"])
    loaders = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
    names = "forum forum_conversation forum_conversation.forum_attachments forum_conversation.forum_polls forum_feeds"
    names += " forum_moderation forum_search forum_tracking forum_member forum_permission"
    processors = ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"]
    processors += ["django.contrib.messages.context_processors.messages", "machina.core.context_processors.metadata"]
    settings.configure(
        SECRET_KEY="a key for measuring, long enough to be one",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        ROOT_URLCONF="tests.bench.machina_urls",
        STATIC_URL="/static/",
        STATICFILES_DIRS=[MACHINA_MAIN_STATIC_DIR],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "machina.db"}},
        CACHES={
            name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
            for name in ("default", "machina_attachments")
        },
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        INSTALLED_APPS=[
            *("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"),
            *("django.contrib.messages", "django.contrib.staticfiles", "mptt", "haystack", "widget_tweaks", "machina"),
            *(f"machina.apps.{name}" for name in names.split()),
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "machina.apps.forum_permission.middleware.ForumPermissionMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [MACHINA_MAIN_TEMPLATE_DIR],
                "OPTIONS": {
                    "context_processors": processors,
                    "loaders": [("django.template.loaders.cached.Loader", loaders)],
                },
            }
        ],
        MACHINA_DEFAULT_AUTHENTICATED_USER_FORUM_PERMISSIONS=[
            *("can_see_forum", "can_read_forum", "can_start_new_topics", "can_reply_to_topics", "can_edit_own_posts"),
        ],
        MACHINA_TOPIC_POSTS_NUMBER_PER_PAGE=20,
        LOGGING_CONFIG=None,
    )
    django.setup()


def application() -> Any:
    """The WSGI application, for the server that serves both sides."""
    _configure()
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def fill(topics: int, posts: int, people: int, bodies: list[str]) -> dict[str, str]:
    """A forum of so many topics of so many posts each."""
    _configure()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from machina.apps.forum.models import Forum
    from machina.apps.forum_conversation.models import Post, Topic

    call_command("migrate", verbosity=0)
    user_model = get_user_model()
    users = [user_model.objects.create(username=f"person{n}") for n in range(people)]
    forum = Forum.objects.create(type=Forum.FORUM_POST, name="Community")
    now = datetime.now(UTC)
    first = None
    for number in range(topics):
        topic = Topic(forum=forum, poster=users[0], subject=f"Topic {number}", type=0, status=0, approved=True)
        Topic.objects.bulk_create([topic])
        topic = Topic.objects.order_by("-id")[0]
        first = first or topic
        Post.objects.bulk_create(
            Post(
                topic=topic,
                poster=users[k % people],
                subject=f"Topic {number}",
                content=bodies[k % len(bodies)],
                approved=True,
                created=now,
                updated=now,
            )
            for k in range(posts)
        )
        made = Post.objects.filter(topic=topic).order_by("id")
        Topic.objects.filter(id=topic.id).update(
            first_post=made[0], last_post=made.last(), posts_count=posts, last_post_on=now, slug=f"topic-{number}"
        )
    assert first is not None
    for one in Post.objects.filter(topic=first):
        one.save()  # renders its Markdown, as writing it would have
    Forum.objects.filter(id=forum.id).update(direct_posts_count=topics * posts, direct_topics_count=topics)
    reader = users[1]
    session = SessionStore()
    session[SESSION_KEY] = str(reader.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = reader.get_session_auth_hash()
    session.save()
    forum = Forum.objects.get(id=forum.id)
    path = f"/forum/{forum.slug}-{forum.pk}/topic/topic-0-{first.pk}/"
    return {"path": path, "cookie": f"sessionid={session.session_key}"}


if __name__ == "__main__":
    asked = json.loads(os.environ["BENCH_SIZE"])
    print(json.dumps(fill(**asked)))
