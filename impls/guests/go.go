// Goroutines: a program that is written as if it blocked. A goroutine's own stack, which grows as it
// must, remembers where it was; the runtime's poller (epoll) waits, and its scheduler hands
// goroutines to threads, of which it has as many as there are CPUs. A switch costs the scheduler's
// queues, and, where one thread hands work to another, a futex.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
)

type Order struct {
	Host        string
	Port        int
	Unix        string
	Connections int
	Request     string
	ReplyBytes  int `json:"reply_bytes"`
}

func connect(order Order) (net.Conn, error) {
	if order.Unix != "" {
		return net.Dial("unix", "@"+order.Unix)
	}
	return net.Dial("tcp", fmt.Sprintf("%s:%d", order.Host, order.Port))
}

func converse(order Order, ended chan<- error) {
	connection, err := connect(order)
	if err != nil {
		ended <- err
		return
	}
	request, _ := hex.DecodeString(order.Request)
	reply := make([]byte, order.ReplyBytes)
	for {
		if _, err := connection.Write(request); err != nil {
			break
		}
		if _, err := io.ReadFull(connection, reply); err != nil {
			break
		}
		copy(request[8:16], reply[len(reply)-8:])
	}
	ended <- nil
}

func main() {
	var order Order
	if err := json.Unmarshal([]byte(os.Args[len(os.Args)-1]), &order); err != nil {
		panic(err)
	}
	ended := make(chan error)
	for i := 0; i < order.Connections; i++ {
		go converse(order, ended)
	}
	if err := <-ended; err != nil {
		panic(err)
	}
}
