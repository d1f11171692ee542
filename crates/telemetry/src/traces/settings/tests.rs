//! What the variables mean, and the errors of bad ones.

use super::*;

const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

fn read(variables: &[(&str, &str)]) -> anyhow::Result<Option<Settings>> {
    Settings::read(&variables.iter().copied().collect())
}

fn on(variables: &[(&str, &str)]) -> Settings {
    read(&[&[ENDPOINT], variables].concat()).unwrap().unwrap()
}

#[test]
fn is_off_without_an_endpoint() {
    for variables in [
        &[][..],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")],
        &[ENDPOINT, ("OTEL_SDK_DISABLED", "TRUE")],
        &[ENDPOINT, ("OTEL_TRACES_EXPORTER", "none")],
    ] {
        assert!(read(variables).unwrap().is_none(), "{variables:?}");
    }
}

#[test]
fn has_the_defaults_of_the_specification() {
    let settings = on(&[]);
    let parent_based_on = Sampler {
        parent_based: true,
        ratio: 1.0,
    };
    assert_eq!(settings.sampler, parent_based_on);
    let batch = settings.batch;
    assert_eq!((batch.queue, batch.size), (2048, 512));
    assert_eq!(batch.delay, Duration::from_secs(5));
}

#[test]
fn takes_the_variables() {
    let settings = on(&[
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
        ("OTEL_SERVICE_NAME", "hello"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "k8s.pod.name=hello-1, team=a%2Cb,",
        ),
    ]);
    let expected = Sampler {
        parent_based: false,
        ratio: 0.01,
    };
    assert_eq!(settings.sampler, expected);
    assert_eq!((settings.batch.queue, settings.batch.size), (100, 100));
    assert_eq!(settings.service_name.as_deref(), Some("hello"));
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let expected = [pair("k8s.pod.name", "hello-1"), pair("team", "a,b")];
    assert_eq!(settings.resource, expected);
}

#[test]
fn a_bad_value_is_an_error_that_says_what_to_write() {
    for (name, value, error) in [
        ("OTEL_SDK_DISABLED", "1", "use true or false"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "use otlp or none"),
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "http/json",
            "use grpc or http/protobuf",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "https://c:4317",
            "use a collector on this machine or in the mesh",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "collector:4317",
            "write it as http://HOST:PORT",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://me:secret@collector:4317",
            "OTEL_EXPORTER_OTLP_HEADERS",
        ),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "from 1 to 600000"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", "unset it"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "secret", "write KEY=VALUE"),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "a b=secret",
            "is not a header",
        ),
        ("OTEL_TRACES_SAMPLER", "xray", "use always_on"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "from 1 to"),
        (
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
            "4096",
            "must not be greater",
        ),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1", "from 1 to"),
        ("OTEL_RESOURCE_ATTRIBUTES", "=x", "write KEY=VALUE"),
    ] {
        let found = read(&[ENDPOINT, (name, value)]).unwrap_err();
        let found = format!("{found:#}");
        assert!(
            found.contains(name) && found.contains(error),
            "{name}={value}: {found}"
        );
        assert!(!found.contains("secret"), "{found}");
    }
    let ratio = [
        ENDPOINT,
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
    ];
    let found = read(&ratio).unwrap_err().to_string();
    assert!(found.contains("OTEL_TRACES_SAMPLER_ARG=2"), "{found}");
}

#[test]
fn finds_the_collector() {
    let url = |variables: &[_]| on(variables).collector.url;
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    assert_eq!(url(&[]), "http://collector:4318/v1/traces");
    assert_eq!(url(&[grpc]), "http://collector:4318");
    let traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    assert_eq!(url(&[(traces, "http://t:1/path")]), "http://t:1/path");
    let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1/base/");
    assert_eq!(url(&[base]), "http://c:1/base/v1/traces");
}
