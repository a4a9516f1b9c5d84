"""How is a Canvas read? Its REST API, page by page along its own links."""
