"""How is a Moodle read? Its web services over REST, JSON first and XML where a site gives nothing else."""
