"""Every reading the city ever had, as Parquet files by hour and area; the one door to pyarrow."""
