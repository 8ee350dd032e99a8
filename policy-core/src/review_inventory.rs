//! The inventory that reviews are given: what is computed of it once, and what for each request.

use std::collections::BTreeSet;

use crate::catalog::{GroupKind, Mode};
use crate::engine::{Engine, Input};
use crate::error::Problem;
use crate::inventory::Inventory;
use crate::object::Object;
use crate::rego;

/// The objects of a cluster with their facts, ready for [`Engine::admit_with`]. It belongs to the engine that made it.
pub struct ReviewInventory {
    inventory: Inventory,
    data: rego::Value,
    facts: rego::Value,
    /// The kinds that facts are made of.
    read: BTreeSet<GroupKind>,
}

impl Engine {
    /// Takes the objects of a whole cluster. It is refused where it could mislead: unread, ambiguous or empty.
    ///
    /// # Errors
    /// Every problem of the input, and of the facts.
    pub fn review_inventory(&self, inputs: Vec<Input>) -> Result<ReviewInventory, Vec<Problem>> {
        let (objects, texts, mut problems) = self.objects(inputs);
        let (inventory, duplicates) = Inventory::new(objects, &texts);
        problems.extend(duplicates);
        if inventory.objects().is_empty() {
            let message = "there is no Kubernetes object in the inventory";
            problems.push(Problem::new("empty-inventory", message));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let data = inventory.to_rego();
        // Without a time: no fact depends on it.
        let parameters = self.parameters(Mode::Admission, None);
        let facts = self.facts(Some(&data), inventory.objects().len(), &parameters);
        let read = self
            .controls()
            .iter()
            .flat_map(|control| &control.reads)
            .cloned()
            .collect();
        Ok(ReviewInventory {
            facts: facts.map_err(|problem| vec![problem])?,
            inventory,
            data,
            read,
        })
    }
}

impl ReviewInventory {
    /// The number of its objects.
    pub fn len(&self) -> usize {
        self.inventory.objects().len()
    }

    /// Never: an empty one is refused.
    pub fn is_empty(&self) -> bool {
        self.inventory.objects().is_empty()
    }

    /// `data.inventory` and the facts as they would be with these objects in the cluster.
    ///
    /// Facts that the old state of an object supports must not admit its new state, so they are computed again where
    /// the object is of a kind that facts are made of.
    pub(crate) fn with(&self, engine: &Engine, reviewed: &Inventory) -> Result<(rego::Value, rego::Value), Problem> {
        let is_read = |object: &Object| self.read.contains(&object.kind);
        if !reviewed.objects().iter().any(is_read) {
            return Ok((self.data.clone(), self.facts.clone()));
        }
        let inventory = self.inventory.with(reviewed);
        let data = inventory.to_rego();
        let parameters = engine.parameters(Mode::Admission, None);
        let facts = engine.facts(Some(&data), inventory.objects().len(), &parameters)?;
        Ok((data, facts))
    }
}
