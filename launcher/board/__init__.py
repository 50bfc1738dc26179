"""The teacher's board: who is where, who needs help, and buttons, in a browser on this computer.

What happens becomes lines of one file (event_file), which `collector` alone gathers and `state`
folds; `needs` says who needs the teacher. `web` shows it and can only write orders into a queue,
which `orders` validates and runs. `board` starts all and keeps it running.
"""
