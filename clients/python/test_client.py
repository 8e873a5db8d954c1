"""
Run by client.api.test.ts against the real web service. That test ends each task at once, as its metadata asks.

CUTROOM_URL, CUTROOM_API_KEY; WEBHOOK: a signed webhook as JSON; OPENAPI: the path of the OpenAPI document;
CALLED_BY_URL: the operations that need no method, in its order.
"""

import http.server
import inspect
import json
import os
import sys
import tempfile
import threading
import typing
import unittest
import uuid

from cutroom import Client, CutroomError, TaskFailedError, types, verify_webhook
from cutroom.generated.contract import ERRORS
from cutroom.generated.operations import Operations
from cutroom.uploads import CHUNK_BYTES

SOURCE = {"url": "https://example.com/a.mp4", "preset": "mp3"}


class ServiceTest(unittest.TestCase):
    def setUp(self):
        self.client = Client()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_a_file_arrives_whole_in_chunks(self):
        path = os.path.join(self.folder, "holiday.mp4")
        with open(path, "wb") as file:
            file.write(os.urandom(CHUNK_BYTES + 1000))
        progress = []
        upload_id = self.client.upload(path, on_progress=lambda sent, total: progress.append((sent, total)))
        upload = self.client.get_upload(upload_id)
        stored = (upload["bytes"], upload["filename"], upload["content_type"])
        self.assertEqual(stored, (CHUNK_BYTES + 1000, "holiday.mp4", "video/mp4"))
        self.assertEqual([sent for sent, _ in progress], [CHUNK_BYTES, CHUNK_BYTES + 1000])

    def test_an_empty_or_missing_file_is_no_upload(self):
        with open(os.path.join(self.folder, "empty.mp4"), "wb"):
            pass
        with self.assertRaises(CutroomError) as raised:
            self.client.upload(os.path.join(self.folder, "empty.mp4"))
        self.assertEqual(raised.exception.code, "client.input_invalid")
        with self.assertRaises(FileNotFoundError):
            self.client.upload(os.path.join(self.folder, "missing.mp4"))

    def test_a_task_is_created_once_for_a_key_waited_for_and_saved(self):
        key = str(uuid.uuid4())
        created = self.client.create(SOURCE, idempotency_key=key)
        self.assertEqual(self.client.create(SOURCE, idempotency_key=key)["id"], created["id"])
        states = []
        task = self.client.wait(created["id"], on_progress=lambda task: states.append(task["status"]))
        self.assertEqual((task["status"], states[-1]), ("succeeded", "succeeded"))
        path = os.path.join(self.folder, "audio.mp3")
        self.client.save(task, "output.mp3", path)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"audio")
        self.assertEqual(os.listdir(self.folder), ["audio.mp3"])
        self.assertIn(created["id"], self.client.link(task, "output.mp3", expires_in=60))
        self.assertEqual(self.client.get_output(task["id"], "output.mp3"), b"audio")
        self.assertIsNone(self.client.delete_task(task["id"]))

    def test_a_task_that_does_not_succeed_is_an_error_with_its_code(self):
        with self.assertRaises(TaskFailedError) as raised:
            self.client.create_and_wait({**SOURCE, "metadata": {"end": "abort"}})
        self.assertEqual(raised.exception.code, "task.aborted")
        self.assertEqual(raised.exception.task["status"], "aborted")

    def test_lists_go_on_to_the_next_page_and_filter(self):
        run = str(uuid.uuid4())
        tasks = [{**SOURCE, "metadata": {"run": run}} for _ in range(3)]
        self.client.create_tasks({"tasks": tasks})
        self.assertEqual(len(list(self.client.tasks(metadata={"run": run}, max=2))), 3)
        self.assertEqual(list(self.client.tasks(metadata={"run": "none"})), [])

    def test_errors_have_a_code_the_fields_and_what_to_do_but_no_key(self):
        with self.assertRaises(CutroomError) as raised:
            Client(api_key="ck_wrong").list_tasks()
        self.assertEqual((raised.exception.code, raised.exception.status), ("auth.required", 401))
        self.assertNotIn("ck_wrong", str(raised.exception))
        with self.assertRaises(CutroomError) as raised:
            self.client.create({"url": "nowhere", "priority": 1000})
        self.assertEqual([error["path"] for error in raised.exception.errors], ["url", "priority"])
        with self.assertRaises(CutroomError) as raised:
            self.client.get_task(str(uuid.uuid4()))
        self.assertEqual(raised.exception.code, "task.not_found")
        self.assertIn(ERRORS["task.not_found"][1], str(raised.exception))
        with self.assertRaises(TypeError):
            self.client.list_tasks(states="queued")


class BreakingService(http.server.BaseHTTPRequestHandler):
    """Breaks the first connection, ends the second reply early, and answers the third request."""

    keys: list = []

    def do_POST(self):
        self.keys.append(self.headers["idempotency-key"])
        if len(self.keys) == 1:
            self.close_connection = True
            return
        body = b'{"id": "1"}'
        self.send_response(202)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:5] if len(self.keys) == 2 else body)

    def do_GET(self):
        self.send_response(302)
        self.send_header("location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


class ElsewhereService(BreakingService):
    authorization: list = []

    def do_GET(self):
        if self.path != "/elsewhere":
            return super().do_GET()
        self.authorization.append(self.headers["authorization"])
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()


class FullService(http.server.BaseHTTPRequestHandler):
    """Refuses requests that wait; the task has succeeded when it is polled for the second time."""

    requests: list = []

    def do_GET(self):
        self.requests.append(self.path)
        if "wait=" in self.path:
            return self.answer(429, {"code": "request.rate_limited", "detail": "No."})
        is_first = self.requests.count(self.path) == 1
        self.answer(200, {"id": "1", "status": "running" if is_first else "succeeded", "error": None})

    def answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


class LosingService(FullService):
    """Answers the first request like a proxy that has lost the reply, and breaks the connections of the others."""

    requests: list = []

    def do_DELETE(self):
        self.requests.append(self.path)
        if len(self.requests) == 1:
            return self.answer(503, {})
        self.close_connection = True


class ConnectionTest(unittest.TestCase):
    def serve(self, handler):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return Client(f"http://127.0.0.1:{server.server_port}", "ck_test", attempts=3)

    def test_a_create_is_repeated_with_the_same_key_after_a_cut_connection(self):
        self.assertEqual(self.serve(BreakingService).create(SOURCE), {"id": "1"})
        self.assertEqual(len(BreakingService.keys), 3)
        self.assertEqual(len(set(BreakingService.keys)), 1)

    def test_a_delete_whose_reply_was_lost_is_not_repeated(self):
        client = self.serve(LosingService)
        for count in (1, 2):
            with self.assertRaises(CutroomError) as raised:
                client.delete_task("1")
            self.assertEqual(raised.exception.code, "client.connection_failed")
            self.assertEqual(len(LosingService.requests), count)

    def test_a_wait_that_is_refused_polls_the_task(self):
        client = self.serve(FullService)
        states = []
        task = client.wait("1", on_progress=lambda task: states.append(task["status"]))
        self.assertEqual((task["status"], states), ("succeeded", ["running", "succeeded"]))
        self.assertEqual(FullService.requests, ["/tasks/1?wait=30", "/tasks/1"] * 2)

    def test_a_redirect_does_not_get_the_key(self):
        self.serve(ElsewhereService).get_output(str(uuid.uuid4()), "output.mp3")
        self.assertEqual(ElsewhereService.authorization, [None])

    def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(self):
        with self.assertRaises(CutroomError) as raised:
            Client("http://127.0.0.1:9", "ck\n_secret")
        self.assertEqual(raised.exception.code, "auth.required")
        self.assertNotIn("_secret", str(raised.exception))

    def test_a_service_that_does_not_answer_is_named(self):
        with self.assertRaises(CutroomError) as raised:
            Client("http://127.0.0.1:9", "ck_test", attempts=1).list_tasks()
        self.assertEqual(raised.exception.code, "client.connection_failed")
        self.assertIn("127.0.0.1", str(raised.exception))


class WebhookTest(unittest.TestCase):
    def test_signatures_of_the_service_are_verified(self):
        secret, headers, body = (json.loads(os.environ["WEBHOOK"])[name] for name in ("secret", "headers", "body"))
        self.assertEqual(verify_webhook(secret, headers, body)["type"], "task.succeeded")
        self.assertEqual(verify_webhook(["whsec_MDEyMw==", secret], headers, body.encode())["type"], "task.succeeded")
        old = {**headers, "Webhook-Timestamp": "1"}
        for wrong in ({"secret": "whsec_MDEyMw=="}, {"body": body + " "}, {"headers": old}, {"headers": {}}):
            with self.assertRaises(CutroomError) as raised:
                verify_webhook(**{"secret": secret, "headers": headers, "body": body, **wrong})
            self.assertEqual(raised.exception.code, "client.signature_invalid")


class ContractTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.environ["OPENAPI"], encoding="utf-8") as file:
            document = json.load(file)
        cls.schemas = document["components"]["schemas"]
        cls.operations = [one for methods in document["paths"].values() for one in methods.values()]
        cls.methods = {name.replace("_", ""): method for name, method in vars(Operations).items()}

    def test_every_operation_is_a_method_of_the_client(self):
        ids = [operation["operationId"] for operation in self.operations]
        missing = [name for name in ids if name.lower() not in self.methods]
        self.assertEqual(missing, os.environ["CALLED_BY_URL"].split(","))

    def test_every_operation_has_the_types_of_its_bodies(self):
        for operation in self.operations:
            method = self.methods.get(operation["operationId"].lower())
            if method is None:
                continue
            hints = typing.get_type_hints(method)
            with self.subTest(operation["operationId"]):
                self.assertNotIn(typing.Any, hints.values())
                names = set(inspect.signature(method).parameters) - {"self"}
                self.assertEqual(set(hints), names | {"return"})
                body = name_of(operation.get("requestBody", {}))
                if body:
                    self.assertEqual(hints["body"], getattr(types, body))
                replies = {name_of(reply) for status, reply in operation["responses"].items() if status < "300"}
                returned = {one.__name__ for one in typing.get_args(hints["return"]) or [hints["return"]]}
                self.assertLessEqual(replies - {None}, returned)

    def test_typed_dicts_have_the_fields_of_their_schemas(self):
        for name, schema in self.schemas.items():
            if "properties" not in schema:
                continue
            with self.subTest(name):
                body = getattr(types, name)
                self.assertEqual(set(typing.get_type_hints(body)), set(schema["properties"]))
                if sys.version_info >= (3, 11):
                    self.assertEqual(body.__required_keys__, set(schema.get("required", [])))
        self.assertEqual(typing.get_args(types.TaskStatus), tuple(self.schemas["TaskStatus"]["enum"]))
        self.assertEqual(types.Metadata, typing.Dict[str, str])


def name_of(body):
    """The name of the schema of a JSON body, if it has one."""
    schema = body.get("content", {}).get("application/json", {}).get("schema", {})
    return schema.get("$ref", "").rsplit("/", 1)[-1] or None


if __name__ == "__main__":
    unittest.main()
