"""Classifies the pictures that a text file lists, one path a line, with Apache Spark.

    spark-submit --master 'local[2]' spark.py COMMAND LIST OUT

COMMAND reads paths on standard input and answers each with a line. OUT becomes a folder of text files, one for each partition,
in the order of the list.
"""
import sys

from pyspark.sql import SparkSession

command, paths, out = sys.argv[1:]
spark = SparkSession.builder.appName("inception").getOrCreate()
# Each partition starts the command once; a few for each worker even out who is slower.
partitions = 2 * spark.sparkContext.defaultParallelism
spark.sparkContext.textFile(paths, partitions).pipe(command).saveAsTextFile(out)
spark.stop()
