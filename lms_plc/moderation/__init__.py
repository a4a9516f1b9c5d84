"""When somebody is hurt: report, talk, hide, remove, appeal; and blocking."""
