"""How a change travels through the lake.

1. A step compares the versions of its inputs with those that its table was computed from, which the
   table's last commit says (``Provenance``). Equal: nothing to do.
2. Else it finds the people affected by the change (``incremental.affected``): the commits of its
   inputs name the people whose rows they changed, and where they do not, added and removed data
   files are compared. When in doubt a person is affected; where nothing is known, everybody is.
3. The affected people are recomputed from all of their rows: no margins, no months, equal to
   a rebuild by construction.
4. Only slices (a person's month, or a person) whose rows differ from the table are written
   (``incremental.differences``). The commit names them, and so the change travels on to the next
   step, or ends here.
"""
