//! The work of a run, counted; needs no adapter.

use inception::gpu::{Counts, count};
use inception::networks;

fn counts(id: &str, auxiliary: bool, half: bool) -> Vec<Counts> {
    let network = networks::find(id).unwrap();
    let mut options = network.options();
    if !auxiliary {
        options.auxiliary.clear();
    }
    count(&network.build(&options).unwrap(), half).unwrap()
}

/// Before waves, split sums and larger tiles: 111 dispatches, 5,877 steps, 1.53 GB.
#[test]
fn a_run_of_inception_v3_stays_within_its_budgets() {
    let work = counts("inception-v3", false, false);
    let steps: f64 = work.iter().map(|dispatch| dispatch.serial_steps).sum();
    let read: u64 = work.iter().map(|dispatch| dispatch.bytes_read).sum();
    assert!(work.len() <= 60, "{} dispatches", work.len());
    assert!(steps <= 1800.0, "{steps} steps");
    assert!(read <= 1_000_000_000, "{read} bytes");
}

/// F(2x2, 3x3) takes four ninths of the products, F(4x4, 3x3) a quarter.
#[test]
fn convolutions_of_three_by_three_alone_go_by_fewer_multiplications() {
    let work = counts("inception-v3", false, false);
    for (layer, products) in
        [("Conv2d_2a_3x3", 199_148_544), ("Conv2d_2b_3x3", 398_297_088), ("Conv2d_4a_3x3", 696_867_840)]
    {
        let found = work.iter().find(|dispatch| dispatch.layers == [layer]).unwrap();
        assert!(found.kernel.starts_with("F("), "{layer}: {}", found.kernel);
        assert!(2 * found.multiply_adds < products, "{layer}: {}", found.multiply_adds);
        assert!(found.multiply_adds * 4 > products, "{layer}: {}", found.multiply_adds);
    }
}

#[test]
fn every_network_can_be_counted_and_every_layer_is_in_one_dispatch() {
    for network in &networks::NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        for half in [false, true] {
            let work = counts(network.id, true, half);
            let products =
                graph.public().filter(|(_, layer)| matches!(layer.kind(), inception::graph::LayerKind::Conv));
            for (_, layer) in products {
                let found =
                    work.iter().filter(|dispatch| dispatch.layers.contains(&layer.name) && dispatch.kernel != "sum");
                assert_eq!(found.count(), 1, "{} of {}", layer.name, network.id);
            }
            assert!(work.iter().all(|dispatch| dispatch.workgroups > 0 && (0.0..1.0).contains(&dispatch.padding)));
        }
    }
}

/// What a workgroup reads at least: the weights once, and of f16 half as many bytes.
#[test]
fn weights_of_f16_are_half_of_the_bytes() {
    let [full, half] = [false, true].map(|half| counts("inception-v3", true, half));
    let read = |work: &[Counts]| work.iter().map(|dispatch| dispatch.bytes_read).sum::<u64>();
    let network = networks::find("inception-v3").unwrap();
    let params = network.build(&network.options()).unwrap().params();
    assert!(read(&full) - read(&half) >= 2 * params, "{} and {}", read(&full), read(&half));
}
