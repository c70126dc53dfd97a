// A dispatch has several tasks, each with parameters and workgroups of its own: which one a workgroup works on.
fn task_of(index: u32) -> u32 {
    var here = 0u;
    while here + 1u < TASKS && index >= tasks[min(here + 1u, TASKS - 1u)].first_group {
        here++;
    }
    return here;
}
