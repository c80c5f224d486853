//! A person's request that an apply stops.

use tokio::sync::watch;

/// How often a person asked to stop: once, to end where it is safe; twice, to end at once.
#[derive(Debug, Clone)]
pub struct Stop {
    n_asked: watch::Receiver<u8>,
}

/// Signals every [`Stop`] that came with it.
#[derive(Debug)]
pub struct StopSender {
    n_asked: watch::Sender<u8>,
}

/// Makes a channel on which nobody has asked yet.
pub fn stop_channel() -> (StopSender, Stop) {
    let (sender, receiver) = watch::channel(0);
    (StopSender { n_asked: sender }, Stop { n_asked: receiver })
}

impl StopSender {
    /// Asks once more.
    pub fn ask(&self) {
        self.n_asked.send_modify(|n| *n = n.saturating_add(1));
    }
}

impl Stop {
    /// Returns whether a person asked.
    pub fn is_asked(&self) -> bool {
        *self.n_asked.borrow() >= 1
    }

    /// Waits until a person asks.
    pub async fn asked(&self) {
        self.asked_times(1).await;
    }

    /// Waits until a person asks a second time.
    pub async fn asked_twice(&self) {
        self.asked_times(2).await;
    }

    async fn asked_times(&self, times: u8) {
        if self.n_asked.clone().wait_for(|n| *n >= times).await.is_err() {
            // The sender is gone: nobody can ask any more.
            std::future::pending::<()>().await;
        }
    }
}
