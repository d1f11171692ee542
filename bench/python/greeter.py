"""The greeter with Python's gRPC and asyncio: python3 greeter.py PORT [CERT KEY]."""

import asyncio
import sys
from pathlib import Path

import grpc
import helloworld_pb2
import helloworld_pb2_grpc

STREAM_REPLIES = 5


def reply(request):
    return helloworld_pb2.HelloReply(message=f"Hello {request.name}")


class Greeter(helloworld_pb2_grpc.GreeterServicer):
    async def SayHello(self, request, context):
        return reply(request)

    async def SayHelloStreamReply(self, request, context):
        for _ in range(STREAM_REPLIES):
            yield reply(request)


async def main(port, *files):
    server = grpc.aio.server()
    helloworld_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    address = f"127.0.0.1:{port}"
    if files:
        cert, key = (Path(file).read_bytes() for file in files)
        server.add_secure_port(address, grpc.ssl_server_credentials([(key, cert)]))
    else:
        server.add_insecure_port(address)
    await server.start()
    await server.wait_for_termination()


asyncio.run(main(*sys.argv[1:]))
