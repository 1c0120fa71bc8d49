"""How a change travels through the lake.

1. A step compares the versions of its inputs with those that its table was made from, which the
   table's last commit says (``Provenance``). Equal: nothing to do.
2. Else it asks which people the change concerns (``incremental.affected``): the commits of its
   inputs name the people whose rows they changed, and where they do not, the data files that came
   and went are compared. Whoever cannot be told from others is affected; where nothing can be
   told, everybody is.
3. The affected people are computed whole, from all of their rows: no margins, no months, equal to
   a rebuild by construction.
4. Of what was computed only those slices (person and month, or person) are written that differ
   from what stands (``incremental.differences``). The commit names them, and so the change goes on
   to the next step, or ends here.
"""
