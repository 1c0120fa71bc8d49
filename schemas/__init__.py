"""Every table of the lake, declared once."""

from schemas import bronze_schemas, gold_schemas, library_schemas, ops_schemas, silver_schemas
from schemas.table import Table

ALL_TABLES: tuple[Table, ...] = (
    *bronze_schemas.TABLES,
    *library_schemas.TABLES,
    *silver_schemas.TABLES,
    *gold_schemas.TABLES,
    *ops_schemas.TABLES,
)
