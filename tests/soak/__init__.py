"""What ends runs of a lake at every point, and proves that nothing is lost.

``crashes`` is the command and ``trials`` what it tries. ``scenarios`` says what is done to a lake,
``faults`` where and how it is ended, ``children`` forks the processes, ``observer`` reads all the
while, ``lake_digest`` compares lakes, ``tally`` adds up what was tried.

``fuzz`` is the command that mutates what is read, ``long_life`` the one that runs for months.
"""
