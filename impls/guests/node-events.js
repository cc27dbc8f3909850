// Callbacks on Node: libuv waits and reads, and an event calls back with what came. A closure
// remembers. A switch costs the way from C++ into compiled JavaScript and back, and what a stream of
// Node does for each piece of data. V8 compiles while the program runs: it takes some thousand
// queries until it is as fast as it gets.
'use strict';

const net = require('net');

const order = JSON.parse(process.argv[process.argv.length - 1]);

function converse() {
  const request = Buffer.from(order.request, 'hex');
  const reply = Buffer.alloc(order.reply_bytes);
  let received = 0;
  const socket = net.connect(order.port, order.host);
  socket.on('connect', () => socket.write(request));
  socket.on('data', (piece) => {
    received += piece.copy(reply, received);
    if (received < reply.length) return;
    received = 0;
    reply.copy(request, 8, reply.length - 8);
    socket.write(Buffer.from(request));
  });
  socket.on('error', () => {});
  socket.on('close', () => process.exit(0));
}

for (let i = 0; i < order.connections; ++i) converse();
