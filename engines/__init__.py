"""The only interface between the project and its engines: DuckDB in the process, or Apache Spark.

A model is SQL in DuckDB's dialect. It reads tables of the lake by their full names
(``silver.tracks``) and other models by their bare names (``plays``), and uses only the functions
of ``engines.portability``, each tested to mean the same on both engines.
"""
