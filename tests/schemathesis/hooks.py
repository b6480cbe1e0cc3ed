"""Keeps the key that schemathesis itself uses alive.

Some requests would disable, rotate or delete it, after which everything else is a 401 and nothing is
tested. They are aimed at a key that was made for the purpose.
"""

import os

import requests
import schemathesis

TOKEN = os.environ["KEYSRV_TOKEN"]
OWN_ID = TOKEN.rsplit("_", 2)[-2]
AUTH = {"Authorization": f"Bearer {TOKEN}"}


def spare():
    """A new key, where keys can be made: its id and its token."""
    name = f"spare-{os.urandom(8).hex()}"
    url = os.environ["KEYSRV_URL"] + "/v1/keys"
    answer = requests.post(url, json={"name": name}, headers=AUTH, timeout=30)
    return (answer.json()["key"]["id"], answer.json()["token"]) if answer.status_code == 201 else None


@schemathesis.hook
def before_call(context, case, kwargs):
    aims_at_own_key = (case.path_parameters or {}).get("id") == OWN_ID
    asks_with_it = (case.headers or {}).get("Authorization") == AUTH["Authorization"]
    if case.method in ("PATCH", "POST", "DELETE") and aims_at_own_key and (key := spare()):
        case.path_parameters["id"] = key[0]
    if case.method == "DELETE" and case.path == "/v1/whoami" and asks_with_it and (key := spare()):
        case.headers["Authorization"] = f"Bearer {key[1]}"


@schemathesis.hook
def after_call(context, case, response):
    """Notes how each request was answered, for whoever wants to know what was reached."""
    if folder := os.environ.get("ANSWERS_FOLDER"):
        with open(f"{folder}/{os.getpid()}", "a", encoding="utf-8") as file:
            file.write(f"{case.method} {case.path} {response.status_code}\n")
