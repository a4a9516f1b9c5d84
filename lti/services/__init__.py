"""Calls back to the platform: who takes part, what was graded, which groups there are, what has happened.

A call goes straight down: `memberships`, `grades`, `groups` and `notices` say what a service offers; `calls` sends
one question with an access token of `token` and follows pages; `answers` says what an answer is worth, `errors` what
went wrong and what an admin can do. The network is an `lti.http.Http` that the host gives.

Everything here comes from the claims of a verified launch: without one there is no address to call.
"""
