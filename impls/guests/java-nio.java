// Callbacks by hand on Java's NIO: a Selector (epoll) waits, in one thread, and an object that is
// attached to each key remembers. A switch costs a call. The JVM compiles while the program runs: it
// takes some ten thousand queries until it is as fast as it gets, and its own threads go on working
// while all connections wait.

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class JavaNio {
  static class Conversation {
    final SocketChannel socket;
    final ByteBuffer request;
    final ByteBuffer reply;

    Conversation(Selector selector, String order) throws IOException {
      var host = text(order, "\"host\":\"([^\"]+)\"");
      var port = Integer.parseInt(text(order, "\"port\":(\\d+)"));
      socket = SocketChannel.open(new InetSocketAddress(host, port));
      socket.configureBlocking(false);
      socket.register(selector, SelectionKey.OP_READ, this);
      request = ByteBuffer.allocateDirect(32);
      var hex = text(order, "\"request\":\"([0-9a-f]+)\"");
      request.put(java.util.HexFormat.of().parseHex(hex));
      reply = ByteBuffer.allocateDirect(Integer.parseInt(text(order, "\"reply_bytes\":(\\d+)")));
    }

    void ask() throws IOException {
      request.rewind();
      socket.write(request);
    }

    void onReadable() throws IOException {
      if (socket.read(reply) < 0) System.exit(0);
      if (reply.hasRemaining()) return;
      request.putLong(8, reply.getLong(reply.capacity() - 8));
      reply.clear();
      ask();
    }
  }

  // Java has no JSON of its own.
  static String text(String order, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(order);
    if (!found.find()) throw new IllegalArgumentException(pattern + " is not in " + order);
    return found.group(1);
  }

  public static void main(String[] arguments) throws IOException {
    var order = arguments[arguments.length - 1];
    var selector = Selector.open();
    for (int i = Integer.parseInt(text(order, "\"connections\":(\\d+)")); i > 0; --i)
      new Conversation(selector, order).ask();
    try {
      while (true) {
        selector.select();
        for (var key : selector.selectedKeys()) ((Conversation) key.attachment()).onReadable();
        selector.selectedKeys().clear();
      }
    } catch (IOException closed) {
      System.exit(0);
    }
  }
}
