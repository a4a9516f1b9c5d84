"""What stands in a course: choosing it (deep linking), and telling the course's grade book that somebody is done."""
