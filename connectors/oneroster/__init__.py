"""How is OneRoster 1.1 and 1.2 read: a REST service, or a bundle of tables?"""
