// The hello server with Go's net/http.
package main

import (
	"log"
	"net/http"
	"os"
)

func hello(writer http.ResponseWriter, request *http.Request) {
	writer.Header().Set("Content-Type", "text/html")
	writer.Write([]byte("Hello World! " + request.RequestURI))
}

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: hello PORT [CERT KEY]")
	}
	address := "127.0.0.1:" + os.Args[1]
	handler := http.HandlerFunc(hello)
	if len(os.Args) == 4 {
		log.Fatal(http.ListenAndServeTLS(address, os.Args[2], os.Args[3], handler))
	}
	log.Fatal(http.ListenAndServe(address, handler))
}
