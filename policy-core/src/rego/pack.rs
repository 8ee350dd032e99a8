//! Programs written so that they compress well. What a program counts up, where it jumps to and which registers it uses
//! become differences to what comes before, which are small and repeat. The types and the format are those of regorus.

use std::sync::Arc;

use regorus::rvm::Instruction;
use regorus::rvm::instructions::LiteralOrRegister;
use regorus::rvm::program::{Program, RuleInfo};

/// Writes differences in place of numbers.
///
/// # Errors
/// For a program that [`unpack`] would not make of it again.
#[allow(dead_code, reason = "the build script calls it")]
pub(super) fn pack(program: &mut Program) -> Result<(), String> {
    let original = program.serialize_binary()?;
    walk(program, Direction::Pack)?;
    let mut again = program.clone();
    unpack(&mut again)?;
    match again.serialize_binary()? == original {
        true => Ok(()),
        false => Err("a program that cannot be packed".into()),
    }
}

/// Writes the numbers again.
///
/// # Errors
/// For what [`pack`] did not make.
pub(super) fn unpack(program: &mut Program) -> Result<(), String> {
    walk(program, Direction::Unpack)
}

#[derive(Clone, Copy)]
enum Direction {
    Pack,
    Unpack,
}

trait Number: Copy {
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

macro_rules! number {
    ($($type:ty),*) => {
        $(impl Number for $type {
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
        })*
    };
}

number!(u8, u16, u32);

impl Direction {
    /// A number becomes its difference to the one before, or again a number; either way it is the next one's before.
    fn shift<N: Number>(self, number: &mut N, before: &mut N) {
        match self {
            Self::Pack => {
                let difference = number.minus(*before);
                *before = std::mem::replace(number, difference);
            }
            Self::Unpack => {
                *number = number.plus(*before);
                *before = *number;
            }
        }
    }
}

/// What comes before.
struct Walk {
    direction: Direction,
    /// The number of the instruction.
    at: u16,
    /// The register that was used last.
    register: u8,
    /// The rule that began last.
    rule: u16,
}

impl Walk {
    fn register(&mut self, register: &mut u8) {
        self.direction.shift(register, &mut self.register);
    }

    fn registers<'r>(&mut self, registers: impl IntoIterator<Item = &'r mut u8>) {
        registers.into_iter().for_each(|register| self.register(register));
    }

    /// A place that lies ahead.
    fn ahead(&self, target: &mut u16) {
        self.direction.shift(target, &mut self.at.clone());
    }

    /// A place that lies behind.
    fn behind(&self, target: &mut u16) {
        *target = self.at.wrapping_sub(*target);
    }

    /// The item of a table that an index names: mostly the one after that which was named before.
    fn item<'t, T>(&self, index: &mut u16, next: &mut u16, table: &'t mut [T]) -> Result<&'t mut T, String> {
        self.direction.shift(index, next);
        let item = table.get_mut(usize::from(*next));
        *next = next.wrapping_add(1);
        item.ok_or_else(|| "an instruction without its parameters".into())
    }
}

/// How many parameters of each table were used.
#[derive(Default)]
struct Next {
    builtin: u16,
    function: u16,
    object: u16,
    index: u16,
    array: u16,
    repeat: u16,
    comprehension: u16,
}

fn walk(program: &mut Program, direction: Direction) -> Result<(), String> {
    let mut walk = Walk {
        direction,
        at: 0,
        register: 0,
        rule: 0,
    };
    let mut next = Next::default();
    let tables = &mut program.instruction_data;
    for (at, instruction) in program.instructions.iter_mut().enumerate() {
        walk.at = u16::try_from(at).map_err(|error| error.to_string())?;
        match instruction {
            Instruction::BuiltinCall { params_index } => {
                let call = walk.item(params_index, &mut next.builtin, &mut tables.builtin_call_params)?;
                walk.registers(call.args.iter_mut().take(call.num_args.into()));
                walk.register(&mut call.dest);
            }
            Instruction::FunctionCall { params_index } => {
                let call = walk.item(params_index, &mut next.function, &mut tables.function_call_params)?;
                walk.registers(call.args.iter_mut().take(call.num_args.into()));
                walk.register(&mut call.dest);
            }
            Instruction::ObjectCreate { params_index } => {
                let object = walk.item(params_index, &mut next.object, &mut tables.object_create_params)?;
                walk.registers(object.literal_key_fields.iter_mut().map(|(_, value)| value));
                walk.registers(object.fields.iter_mut().flat_map(|(key, value)| [key, value]));
                walk.register(&mut object.dest);
            }
            Instruction::ChainedIndex { params_index } => {
                let chain = walk.item(params_index, &mut next.index, &mut tables.chained_index_params)?;
                walk.register(&mut chain.root);
                walk.registers(chain.path_components.iter_mut().filter_map(|part| match part {
                    LiteralOrRegister::Register(register) => Some(register),
                    LiteralOrRegister::Literal(_) => None,
                }));
                walk.register(&mut chain.dest);
            }
            Instruction::ArrayCreate { params_index } => {
                let array = walk.item(params_index, &mut next.array, &mut tables.array_create_params)?;
                walk.registers(&mut array.elements);
                walk.register(&mut array.dest);
            }
            Instruction::LoopStart { params_index } => {
                let repeat = walk.item(params_index, &mut next.repeat, &mut tables.loop_params)?;
                walk.ahead(&mut repeat.body_start);
                walk.ahead(&mut repeat.loop_end);
                let (key, value) = (&mut repeat.key_reg, &mut repeat.value_reg);
                walk.registers([&mut repeat.collection, key, value, &mut repeat.result_reg]);
            }
            Instruction::ComprehensionBegin { params_index } => {
                let table = &mut tables.comprehension_begin_params;
                let begin = walk.item(params_index, &mut next.comprehension, table)?;
                walk.ahead(&mut begin.body_start);
                walk.ahead(&mut begin.comprehension_end);
                let (key, value) = (&mut begin.key_reg, &mut begin.value_reg);
                walk.registers([&mut begin.collection_reg, key, value, &mut begin.result_reg]);
            }
            Instruction::LoopNext { body_start, loop_end } => {
                walk.behind(body_start);
                walk.ahead(loop_end);
            }
            Instruction::RuleInit { rule_index, .. } => direction.shift(rule_index, &mut walk.rule),
            Instruction::IndexLiteral { dest, container, .. } => walk.registers([container, dest]),
            Instruction::Move { dest, src }
            | Instruction::Not { dest, operand: src }
            | Instruction::Count { dest, collection: src } => walk.registers([src, dest]),
            Instruction::Eq { dest, left, right }
            | Instruction::Ne { dest, left, right }
            | Instruction::Index {
                dest,
                container: left,
                key: right,
            }
            | Instruction::Contains {
                dest,
                collection: left,
                value: right,
            } => walk.registers([right, left, dest]),
            Instruction::AssertEq { left, right } => walk.registers([right, left]),
            Instruction::SetAdd { set, value } => walk.registers([value, set]),
            Instruction::Load { dest: register, .. }
            | Instruction::LoadBool { dest: register, .. }
            | Instruction::LoadInput { dest: register }
            | Instruction::CallRule { dest: register, .. }
            | Instruction::ComprehensionYield {
                value_reg: register, ..
            }
            | Instruction::Guard { register, .. } => walk.register(register),
            // Rare ones stay as they are.
            _ => {}
        }
    }
    let mut entry = 0;
    for rule in &mut program.rule_infos {
        entries(rule, |number| direction.shift(number, &mut entry));
    }
    Ok(())
}

/// The places where a rule's bodies begin.
fn entries(rule: &mut RuleInfo, change: impl FnMut(&mut u32)) {
    let definitions = Arc::make_mut(&mut rule.definitions);
    definitions.iter_mut().flatten().for_each(change);
}
