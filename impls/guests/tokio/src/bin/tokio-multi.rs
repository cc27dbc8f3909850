// async/await on tokio, with the scheduler that has a thread for each CPU. A future, which the
// compiler makes of the function, remembers where it was; mio (epoll) waits. A switch costs the poll
// of a future, its waker's way through the scheduler's queues, and, where one thread hands work to
// another, a futex.
#[path = "../order.rs"]
mod order;

use std::sync::Arc;

use order::Order;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn converse(order: Arc<Order>) -> std::io::Result<()> {
    let mut connection = order.connect()?;
    let mut request = order.request.clone();
    let mut reply = vec![0; order.reply_bytes];
    loop {
        connection.write_all(&request).await?;
        connection.read_exact(&mut reply).await?;
        request[8..16].copy_from_slice(&reply[reply.len() - 8..]);
    }
}

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let order = Arc::new(Order::from_arguments());
    let (ended, mut end) = tokio::sync::mpsc::channel::<()>(1);
    for _ in 0..order.connections {
        let (order, ended) = (order.clone(), ended.clone());
        tokio::spawn(async move {
            let _ = converse(order).await;
            let _ = ended.try_send(());
        });
    }
    end.recv().await;
}
