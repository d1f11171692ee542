//! When to send: at a schedule that does not care how the server does (open
//! loop), or as soon as an answer has come (closed loop).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use super::schedule::Schedule;

/// Hands out turns to send.
pub(super) struct Pace {
    /// When what is measured begins.
    pub(super) measured: Instant,
    /// When the last send is due.
    pub(super) end: Instant,
    schedule: Option<Arc<Schedule>>,
    /// How many measured turns were handed out.
    taken: AtomicU64,
    stopped: AtomicBool,
    /// Has no permits, and is closed at the end: what waits for it wakes.
    end_signal: Semaphore,
}

/// One send.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// When it should start; latency counts from here.
    pub(super) due: Instant,
    /// When it did start.
    pub(super) sent: Instant,
}

impl Pace {
    /// Starts now, with sends at `rate` per second, or without a schedule.
    pub(super) fn start(rate: Option<f64>, warmup: Duration, duration: Duration) -> Self {
        Self::start_at(Instant::now(), rate, warmup, duration)
    }

    fn start_at(start: Instant, rate: Option<f64>, warmup: Duration, duration: Duration) -> Self {
        let schedule = rate.map(|rate| {
            let schedule = Arc::new(Schedule::new(start, rate, warmup + duration));
            // A thread of its own: tokio's timers tick in milliseconds, a
            // thread sleeps to within tens of microseconds.
            thread::spawn({
                let schedule = Arc::clone(&schedule);
                move || schedule.release()
            });
            schedule
        });
        Self {
            measured: start + warmup,
            end: start + warmup + duration,
            schedule,
            taken: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            end_signal: Semaphore::new(0),
        }
    }

    /// Waits for a turn; `None` at the end.
    pub(super) async fn next(&self) -> Option<Turn> {
        let due = match &self.schedule {
            // What the warm-up left undone must not delay what is measured.
            Some(schedule) => loop {
                let due = schedule.next().await?;
                if due >= self.measured || Instant::now() < self.measured {
                    break due;
                }
            },
            None => {
                let now = Instant::now();
                if self.stopped.load(Ordering::Relaxed) || now >= self.end {
                    return None;
                }
                now
            }
        };
        if due >= self.measured {
            self.taken.fetch_add(1, Ordering::Relaxed);
        }
        Some(Turn {
            due,
            sent: Instant::now(),
        })
    }

    /// Whether sends are due whatever the server does.
    pub(super) fn is_open_loop(&self) -> bool {
        self.schedule.is_some()
    }

    /// Hands out no more turns.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.end_signal.close();
        if let Some(schedule) = &self.schedule {
            schedule.stop();
        }
    }

    /// Waits until [`Self::stop`] is called.
    pub(super) async fn stopped(&self) {
        // It has no permits to give, so this ends only when it is closed.
        let _ = self.end_signal.acquire().await;
    }

    /// How many measured sends were due before `end`, with a schedule.
    pub(super) fn due_until(&self, end: Instant) -> Option<u64> {
        self.schedule.as_ref().map(|it| {
            it.due_before(end)
                .saturating_sub(it.due_before(self.measured))
        })
    }

    /// How many measured sends were started.
    pub(super) fn started(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn drops_what_the_warm_up_left_undone() {
        let warmup = Duration::from_millis(20);
        let pace = Pace::start_at(Instant::now() - warmup, Some(1000.0), warmup, warmup);
        let turn = pace.next().await.unwrap();
        assert!(turn.due >= pace.measured);
    }

    #[tokio::test]
    async fn takes_late_turns_with_the_time_at_which_they_were_due() {
        let pace = Pace::start(Some(1000.0), Duration::ZERO, Duration::from_millis(50));
        let turns: Vec<_> = futures_util::future::join_all((0..50).map(|_| pace.next())).await;
        for (n, turn) in turns.into_iter().enumerate() {
            let turn = turn.unwrap();
            let due = turn.due.duration_since(pace.measured).as_secs_f64();
            assert!((due - n as f64 / 1000.0).abs() < 1e-6, "{n}: {due}");
            assert!(turn.sent >= turn.due);
        }
        pace.stop();
        assert!(pace.next().await.is_none());
        assert_eq!(pace.due_until(pace.end), Some(50));
    }
}
