"""The messages and services of helloworld.proto, generated on import."""

import os

import grpc

os.chdir(os.path.dirname(os.path.abspath(__file__)))
messages, services = grpc.protos_and_services("helloworld.proto")
