"""Files people attach: looked at, made small, kept once, read by whoever may read what they hang on.

For a room whose things have files: the form has ``enctype="multipart/form-data"`` and ``picker(kept, error)`` of
``files/parts.html``; its view is decorated with ``files.views.takes_files`` and calls ``from_form`` inside its
transaction. When the thing is made, ``actions.attach(session, actor, ids, reference)`` (``keep_only`` where a thing is
changed); when the form is rejected, ``queries.kept(connection, actor, ids)`` is what ``picker`` shows. Pages show
``attached_list(queries.attached(connection, references).get(reference, ()))``. What is taken back for good takes its
files along: ``actions.take_away``. The room has a loader for its kind (``core.policy.loads``), and where it shows its
things (``core.things``) a file follows what is shown.
"""
