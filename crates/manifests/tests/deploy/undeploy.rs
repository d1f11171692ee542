//! `make status` and `make undeploy`.

use crate::{
    machine::Machine,
    rendering::{kinds, render},
};

#[test]
fn shows_and_deletes_the_rendered_objects() {
    let status = Machine::new().script("status", &[]);
    assert!(status.success, "{status:?}");
    assert!(
        status
            .output
            .contains("hello.localhost must point at 127.0.0.1")
    );

    let undeploy = Machine::new().script("undeploy", &[]);
    assert!(undeploy.success, "{undeploy:?}");
    let deleted = kinds(&undeploy.files["0-delete"]);
    let mut rendered = render("kind", &[]);
    rendered.insert_str(0, "---\n");
    let rendered = kinds(&rendered);
    let kept: Vec<_> = rendered.difference(&deleted).collect();
    assert_eq!(kept, [&"Namespace"]);

    for script in ["status", "undeploy"] {
        let run = Machine::new()
            .with("STAND_IN_FAIL", "* -f *")
            .script(script, &[]);
        assert!(
            !run.success && run.last_line().starts_with(script),
            "{run:?}"
        );
    }
}
