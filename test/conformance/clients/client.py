"""PyMySQL behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what its caller sees.

It must never know what a statement does, nor catch what the driver means its caller to see.
"""
import json
import sys

import pymysql

connections = {}


def text(value):
    return None if value is None else str(value)


def seen(error):
    """PyMySQL shows no SQLSTATE."""
    errno, message = error.args
    return {"class": type(error).__name__, "errno": errno, "sqlState": None, "message": message}


def connect(key, _variant, host, port, user, password, database):
    connections[key] = pymysql.connect(
        host=host, port=int(port), user=user, password=password, database=database or None
    )
    return {}


def query(key, sql):
    cursor = connections[key].cursor()
    cursor.execute(sql)
    return {"rows": [[text(value) for value in row] for row in cursor.fetchall()]}


def close(key):
    connection = connections.pop(key, None)
    if connection is not None and connection.open:
        connection.close()
    return {}


VERBS = {"connect": connect, "query": query, "close": close}

for line in sys.stdin:
    verb, key, *rest = line.rstrip("\n").split("\t")
    try:
        answer = VERBS[verb](key, *rest)
    except pymysql.err.Error as error:
        answer = {"error": seen(error)}
    # The id of the greeting; the driver keeps it when the session is lost.
    answer["session"] = connections[key].thread_id() if key in connections else None
    print(json.dumps(answer), flush=True)
