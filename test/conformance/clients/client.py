"""PyMySQL behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what its caller sees.

It must never know what a statement does, nor catch what the driver means its caller to see.
"""
import hashlib
import json
import sys

import pymysql
import pymysql.cursors

connections = {}


def text(value):
    return None if value is None else str(value)


def seen(error):
    """PyMySQL shows no SQLSTATE."""
    errno, message = error.args
    return {"class": type(error).__name__, "errno": errno, "sqlState": None, "message": message}


def connect(key, variant, host, port, user, password, database):
    connections[key] = pymysql.connect(
        host=host, port=int(port), user=user, password=password, database=database or None, local_infile=variant == "files"
    )
    return {}


def query(key, sql):
    cursor = connections[key].cursor()
    cursor.execute(sql)
    return {"rows": [[text(value) for value in row] for row in cursor.fetchall()], "affected": cursor.rowcount}


def large(key, sql):
    """Row by row: the driver keeps none of them."""
    count, seen_bytes = 0, hashlib.sha256()
    with connections[key].cursor(pymysql.cursors.SSCursor) as cursor:
        cursor.execute(sql)
        for row in cursor:
            count += 1
            seen_bytes.update(row[0].encode())
    return {"rows": [[str(count), seen_bytes.hexdigest()]]}


def has(key, call):
    return {"rows": [["yes" if hasattr(connections[key], call) else "no"]]}


def close(key):
    connection = connections.pop(key, None)
    if connection is not None and connection.open:
        connection.close()
    return {}


VERBS = {"connect": connect, "query": query, "large": large, "has": has, "close": close}

for line in sys.stdin:
    verb, key, *rest = line.rstrip("\n").split("\t")
    try:
        answer = VERBS[verb](key, *rest)
    except pymysql.err.Error as error:
        answer = {"error": seen(error)}
    # The id of the greeting; the driver keeps it when the session is lost.
    answer["session"] = connections[key].thread_id() if key in connections else None
    print(json.dumps(answer), flush=True)
