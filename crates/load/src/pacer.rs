//! The pacer: sends are due at a fixed rate (open loop), or as soon as a response
//! has come (closed loop). All threads share it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use crate::schedule::Schedule;

/// Hands out slots to send.
pub(crate) struct Pacer {
    /// The start of the measured time.
    pub(crate) measured: Instant,
    /// When the last send is due.
    pub(crate) end: Instant,
    schedule: Option<Arc<Schedule>>,
    stopped: AtomicBool,
    /// Has no permits. Closing it at the end wakes all waiters.
    end_signal: Semaphore,
}

/// The slot of one send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// When it is due; latency counts from here.
    pub(crate) due: Instant,
    /// When it started.
    pub(crate) sent: Instant,
}

impl Pacer {
    /// Starts now, with `rate` sends per second, or in a closed loop.
    pub(crate) fn start(rate: Option<f64>, warmup: Duration, duration: Duration) -> Self {
        Self::start_at(Instant::now(), rate, warmup, duration)
    }

    fn start_at(start: Instant, rate: Option<f64>, warmup: Duration, duration: Duration) -> Self {
        let schedule = rate.map(|rate| {
            let schedule = Arc::new(Schedule::new(start, rate, warmup + duration));
            // A thread: its sleep has a resolution of about 10 µs, tokio's timers
            // of 1 ms.
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
            stopped: AtomicBool::new(false),
            end_signal: Semaphore::new(0),
        }
    }

    /// Waits for a slot; `None` at the end.
    pub(crate) async fn next(&self) -> Option<Slot> {
        let Some(schedule) = &self.schedule else {
            let now = Instant::now();
            let ended = self.stopped.load(Ordering::Relaxed) || now >= self.end;
            return (!ended).then_some(Slot {
                due: now,
                sent: now,
            });
        };
        loop {
            let due = schedule.next().await?;
            let sent = Instant::now();
            // Sends left over from the warm-up must not delay measured ones.
            if due >= self.measured || sent < self.measured {
                return Some(Slot { due, sent });
            }
        }
    }

    /// Whether sends are due at a fixed rate.
    pub(crate) fn is_open_loop(&self) -> bool {
        self.schedule.is_some()
    }

    /// Hands out no more slots.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.end_signal.close();
        if let Some(schedule) = &self.schedule {
            schedule.stop();
        }
    }

    /// Waits until [`Self::stop`] is called.
    pub(crate) async fn stopped(&self) {
        // Without permits, this returns when the semaphore closes.
        let _ = self.end_signal.acquire().await;
    }

    /// The number of measured sends due before `end`; `None` in a closed loop.
    pub(crate) fn due_until(&self, end: Instant) -> Option<u64> {
        self.schedule.as_ref().map(|it| {
            it.due_before(end)
                .saturating_sub(it.due_before(self.measured))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn drops_the_sends_left_over_from_the_warm_up() {
        let warmup = Duration::from_millis(20);
        let pacer = Pacer::start_at(Instant::now() - warmup, Some(1000.0), warmup, warmup);
        let slot = pacer.next().await.unwrap();
        assert!(slot.due >= pacer.measured);
    }

    #[tokio::test]
    async fn late_slots_keep_the_time_when_they_were_due() {
        let pacer = Pacer::start(Some(1000.0), Duration::ZERO, Duration::from_millis(50));
        let slots: Vec<_> = futures_util::future::join_all((0..50).map(|_| pacer.next())).await;
        for (n, slot) in slots.into_iter().enumerate() {
            let slot = slot.unwrap();
            let due = slot.due.duration_since(pacer.measured).as_secs_f64();
            assert!((due - n as f64 / 1000.0).abs() < 1e-6, "{n}: {due}");
            assert!(slot.sent >= slot.due);
        }
        pacer.stop();
        assert!(pacer.next().await.is_none());
        assert_eq!(pacer.due_until(pacer.end), Some(50));
    }
}
