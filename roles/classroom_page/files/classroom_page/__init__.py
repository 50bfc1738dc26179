"""The page of a class: assignment, terminal and help, for students at their own computers."""
