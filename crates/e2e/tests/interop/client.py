"""Calls every kind of method: client.py HOST:PORT [CA.pem]."""

import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

import contract

target, *ca = sys.argv[1:]
if ca:
    with open(ca[0], "rb") as file:
        channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(file.read()))
else:
    channel = grpc.insecure_channel(target)

greeter = contract.services.GreeterStub(channel)
name = contract.messages.HelloRequest(name="Python")

reply, call = greeter.SayHello.with_call(name, timeout=5, compression=grpc.Compression.Gzip)
hostname = dict(call.initial_metadata())["hostname"]
print(f"unary: {reply.message} from {hostname}")
replies = list(greeter.SayHelloStreamReply(name, timeout=5))
print(f"server: {len(replies)} x {replies[0].message}")
replies = list(greeter.SayHelloBidiStream(iter([name] * 3), timeout=5))
print(f"bidi: {len(replies)} x {replies[0].message}")

try:
    greeter.SayHello(contract.messages.HelloRequest(name="a\nb"), timeout=5)
except grpc.RpcError as error:
    print(f"refused: {error.code().name}")

health = health_pb2_grpc.HealthStub(channel)
answer = health.Check(health_pb2.HealthCheckRequest(service="helloworld.Greeter"), timeout=5)
print(f"health: {health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)}")
