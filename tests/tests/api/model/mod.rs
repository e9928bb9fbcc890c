//! Runs random sequences of operations against the API and against a simple model in memory. All responses must be
//! equal.

mod person;
mod steps;
mod world;

use api_tests::TestApp;
use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use steps::step;
use world::World;

#[test]
fn the_api_and_the_model_give_the_same_responses() {
    let runtime = Runtime::new().unwrap();
    let config = Config { cases: 64, max_shrink_iters: 400, failure_persistence: None, ..Config::default() };
    let sequences = vec(step(), 1..60);
    let result = TestRunner::new(config).run(&sequences, |steps| {
        runtime.block_on(async {
            let app = TestApp::start().await;
            let mut world = World::new(&app);
            for (n, step) in steps.iter().enumerate() {
                world.take(step).await.map_err(|difference| {
                    proptest::test_runner::TestCaseError::fail(format!("step {n}, {step:?}: {difference}"))
                })?;
            }
            Ok(())
        })
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
