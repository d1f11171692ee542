//! Lines as JSON objects, with the fields that Google Cloud's Logging reads.

use std::fmt;

use serde::Serialize;
use serde_json::Serializer;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

use super::escaping::Escaping;

/// A line: severity and time, then the fields that are added.
pub(crate) struct Line(Vec<u8>);

impl Line {
    pub(crate) fn new(level: Level) -> Self {
        let mut line = Self(Vec::with_capacity(512));
        line.0.push(b'{');
        line.field("severity", severity(level));
        let mut time = String::new();
        // Writing to a string does not fail.
        let _ = SystemTime.format_time(&mut Writer::new(&mut time));
        line.field("time", &time);
        line
    }

    /// Adds a field.
    pub(crate) fn field(&mut self, name: &str, value: impl Serialize) {
        self.name(name);
        self.json(value);
    }

    /// Adds a field, if it has a value.
    pub(crate) fn optional(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }

    /// Adds a field whose value is an object with the fields that `add` adds.
    pub(crate) fn object(&mut self, name: &str, add: impl FnOnce(&mut Self)) {
        self.name(name);
        self.0.push(b'{');
        add(self);
        self.0.push(b'}');
    }

    /// The text of the line, with its newline.
    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"}\n");
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.last() != Some(&b'{') {
            self.0.push(b',');
        }
        self.json(name);
        self.0.push(b':');
    }

    /// Writing to a vector does not fail, nor does any value that is logged.
    fn json(&mut self, value: impl Serialize) {
        let _ = value.serialize(&mut Serializer::with_formatter(&mut self.0, Escaping));
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG | Level::TRACE => "DEBUG",
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field.name(), format!("{value:?}"));
    }
}

/// Formats events.
pub(super) struct Events;

impl<S, N> FormatEvent<S, N> for Events
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::new(*event.metadata().level());
        event.record(&mut line);
        line.field("target", event.metadata().target());
        writer.write_str(&String::from_utf8_lossy(&line.end()))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, pipe},
        sync::Mutex,
    };

    use serde_json::{Value, json};
    use tracing::{error, info, subscriber::with_default, warn};

    use super::*;

    /// The lines that these events become.
    fn lines(events: impl FnOnce()) -> Vec<Value> {
        let (mut reader, writer) = pipe().unwrap();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(Mutex::new(writer))
            .event_format(Events)
            .finish();
        with_default(subscriber, events);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        let mut lines: Vec<Value> = text.lines().map(|it| it.parse().unwrap()).collect();
        for line in &mut lines {
            let time = line["time"].take();
            humantime::parse_rfc3339(time.as_str().unwrap()).unwrap();
        }
        lines
    }

    #[test]
    fn writes_severity_time_message_and_fields() {
        let text = "a \"quote\"\n\u{1b}[31mand \u{9b}more";
        let lines = lines(|| {
            info!(text, yes = true, count = 3_u64, debug = ?Some(1), "message");
            warn!(nothing = None::<u64>, ratio = 0.5, offset = -1, "{}", text);
            error!(text);
        });
        let target = module_path!();
        let expected = [
            json!({"severity": "INFO", "time": null, "message": "message", "text": text,
                "yes": true, "count": 3, "debug": "Some(1)", "target": target}),
            json!({"severity": "WARNING", "time": null, "message": text, "ratio": 0.5,
                "offset": -1, "target": target}),
            json!({"severity": "ERROR", "time": null, "text": text, "target": target}),
        ];
        assert_eq!(lines, expected);
    }
}
