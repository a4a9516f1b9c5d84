"""How is a roster read from a table that somebody saved in a spreadsheet?"""
