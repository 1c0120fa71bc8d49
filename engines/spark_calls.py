"""Functions in Python as Apache Spark calls them: on rows of one person, of a batch, on values."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from engines.engine import GroupFunction
from engines.python_words import PYTHON_WORDS, PythonWord
from engines.translation import python_words_of_spark
from schemas.table import Column
from schemas.types import spark_type

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_INPUT = "_input"


def teach_words(spark: "SparkSession") -> None:
    """Register the words that Spark gets as Python functions."""
    from pyspark.sql.pandas.functions import arrow_udf

    for name in python_words_of_spark():
        word = PYTHON_WORDS[name]
        # The stubs ask for the kind of function, which Spark takes for scalar by itself.
        said = arrow_udf(_vectorised(word), spark_type(word.returns))  # type: ignore[call-overload]
        spark.udf.register(name, said)


def _vectorised(word: PythonWord) -> Callable[..., "pa.Array"]:
    """Return a word over Arrow arrays: a null argument returns null."""

    def call(*arguments: "pa.Array") -> "pa.Array":
        import pyarrow as pa

        from engines.arrow import arrow_type

        values = zip(*(each.to_pylist() for each in arguments), strict=True)
        said = [None if None in each else word.function(*each) for each in values]
        return pa.array(said, arrow_type(word.returns))

    # By them Spark would infer a kind of function, and knows none of several arguments.
    call.__annotations__.clear()
    return call


def side_by_side(frames: Sequence["DataFrame"]) -> "DataFrame":
    """Return the rows of several frames as one: ``_input`` and ``user_id``, then ``0_column``, ….

    A row has the columns of its own frame, the others are null.
    """
    from pyspark.sql import functions as F

    renamed = [
        frame.select(
            F.lit(number).alias(_INPUT),
            "user_id",
            *(frame[each].alias(f"{number}_{each}") for each in frame.columns),
        )
        for number, frame in enumerate(frames)
    ]
    together = renamed[0]
    for each in renamed[1:]:
        together = together.unionByName(each, allowMissingColumns=True)
    return together


def group_call(
    function: GroupFunction, names: Sequence[Sequence[str]], columns: Sequence[Column]
) -> Callable[["pa.Table"], "pa.Table"]:
    """Return what calls ``function`` with the rows of one person, given as ``side_by_side``."""

    def call(rows: "pa.Table") -> "pa.Table":
        import pyarrow.compute as pc

        frames = []
        for number, its_names in enumerate(names):
            own = rows.filter(pc.equal(rows[_INPUT], number))
            own = own.select([f"{number}_{each}" for each in its_names])
            frames.append(own.rename_columns(list(its_names)).to_pandas())
        return called(function, frames, columns)

    return call


def batch_call(
    function: GroupFunction, columns: Sequence[Column]
) -> Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]:
    """Return what calls ``function`` with the rows of each batch."""

    def call(batches: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        for each in batches:
            yield from called(function, (each.to_pandas(),), columns).to_batches()

    return call


def called(
    function: GroupFunction, frames: Sequence["pd.DataFrame"], columns: Sequence[Column]
) -> "pa.Table":
    """Return what ``function`` makes of the frames, in the types of ``columns``."""
    from engines.arrow import arrow_of_frame

    return arrow_of_frame(function(*frames), columns)
