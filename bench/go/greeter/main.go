// The greeter as grpc-go's helloworld example serves it.
package main

import (
	"context"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	pb "bench/helloworld"
)

const streamReplies = 5

type server struct {
	pb.UnimplementedGreeterServer
}

func reply(in *pb.HelloRequest) *pb.HelloReply {
	return &pb.HelloReply{Message: "Hello " + in.GetName()}
}

func (server) SayHello(_ context.Context, in *pb.HelloRequest) (*pb.HelloReply, error) {
	return reply(in), nil
}

func (server) SayHelloStreamReply(in *pb.HelloRequest, stream grpc.ServerStreamingServer[pb.HelloReply]) error {
	for range streamReplies {
		if err := stream.Send(reply(in)); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: greeter PORT [CERT KEY]")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var options []grpc.ServerOption
	if len(os.Args) == 4 {
		tls, err := credentials.NewServerTLSFromFile(os.Args[2], os.Args[3])
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(tls))
	}
	greeter := grpc.NewServer(options...)
	pb.RegisterGreeterServer(greeter, server{})
	log.Fatal(greeter.Serve(listener))
}
