"""Smart playlists: rules in files, what each chooses of a person's library, and why.

- ``rules``: a rule as it is written, checked; ``rule_files``: where rules come from;
- ``fields``: what rules can ask of a track; ``conditions``: a rule as a condition in SQL;
- ``library``: the tracks with these fields; ``selection``: which a rule chooses, in which order;
- ``preview``: the chosen tracks and why; ``files``: as CSV, JSON, M3U8 and XSPF;
- ``wanted``: what a rule wants of its playlist at Spotify; ``rule_sync`` and ``sync`` bring it
  there, by way of ``plan`` and ``edits``; ``scheduled_sync`` does so in each run.
"""
