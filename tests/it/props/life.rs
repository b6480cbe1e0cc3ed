//! A random life of keys against a small model: after every step every token that was ever made
//! must get exactly the verdict that the model expects, in this process and in another one.

mod model;
mod step;
mod world;

use keysrv::store::check::silent;
use proptest::prelude::*;

use crate::app::{open, operator};
use step::step;
use world::World;

proptest! {
    #![proptest_config(super::cases(300))]
    #[test]
    fn every_token_gets_the_verdict_that_its_keys_life_led_to(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        let other = open(world.fixture.dir.path(), &world.fixture.clock);
        for step in &steps {
            world.take(step);
            world.check(&other);
        }
        let report = world.fixture.app.check(&operator(), world.fixture.dir.path(), &mut silent).unwrap();
        prop_assert_eq!(report.damage, Vec::<String>::new());
        prop_assert_eq!(report.n_keys, world.keys.len() as u64);
    }
}
