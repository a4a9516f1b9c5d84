"""LTI 1.3 seen from the tool: which launches may come in, and what they say.

A launch goes straight down: `login` sends the browser to the platform and remembers one login; `launch`
checks what comes back, one named check after the other; `claims` and `roles` say what a verified launch
contains. `jose` holds keys and signatures, `keysets` the platforms' public keys, `toolkeys` our own.
`browser` binds a login to the browser it began in. `platforms` names the stores a host gives, `refusals`
every way to say no, `blueprint` the Flask routes.

What goes back to a platform: `registration` introduces this tool, `deep_linking` answers a choice, `services` calls
for tokens, members, grades, groups and notices, over `http`. `migration` reads the claim of an LTI 1.1 past.
`testing` is a platform in memory, for anybody's tests.

The package knows no database and no application: the host gives stores and handlers.
"""
