"""A greeter on a free port, which it prints: server.py [CERT KEY]."""

import sys
from concurrent import futures

import grpc

import contract


class Greeter(contract.services.GreeterServicer):
    def SayHello(self, request, context):
        context.send_initial_metadata([("hostname", "python")])
        return contract.messages.HelloReply(message=f"Hello {request.name}")

    def SayHelloStreamReply(self, request, context):
        for _ in range(3):
            yield contract.messages.HelloReply(message=f"Hello {request.name}")

    def SayHelloBidiStream(self, requests, context):
        for request in requests:
            yield contract.messages.HelloReply(message=f"Hello {request.name}")


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
contract.services.add_GreeterServicer_to_server(Greeter(), server)
files = sys.argv[1:]
if files:
    cert, key = (open(file, "rb").read() for file in files)
    port = server.add_secure_port("localhost:0", grpc.ssl_server_credentials([(key, cert)]))
else:
    port = server.add_insecure_port("localhost:0")
server.start()
print(port, flush=True)
server.wait_for_termination()
