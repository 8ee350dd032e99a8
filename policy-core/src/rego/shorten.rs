//! Programs written with fewer instructions. What the compiler of regorus writes is straightforward: each step has a
//! register and an instruction of its own, and each call of a function a block that takes its arguments apart. Here
//! steps that always follow each other become the one instruction that the machine has for both.
//!
//! One thing is added: a comprehension of the machine takes what is undefined for an item, and OPA leaves it out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use regorus::rvm::Instruction;
use regorus::rvm::instructions::{GuardMode, InstructionData, LiteralOrRegister, LoopStartParams};
use regorus::rvm::program::{Program, RuleInfo, RuleType};

/// Says the same in fewer instructions.
///
/// # Errors
/// For an instruction that is not known here, and for what is not written as the compiler writes it.
pub(super) fn shorten(program: &mut Program) -> Result<(), String> {
    load_constants(program)?;
    let mut edit = Edit::new(program)?;
    for rule in 0..program.rule_infos.len() {
        Rule::of(program, rule)?.shorten(program, &mut edit)?;
    }
    edit.apply(program)?;
    for rule in 0..program.rule_infos.len() {
        Rule::of(program, rule)?.number_registers(program)?;
    }
    Ok(())
}

/// Calls of rules that are one literal become that literal.
fn load_constants(program: &mut Program) -> Result<(), String> {
    let constant = |rule: &RuleInfo| {
        let one = match rule.definitions.as_slice() {
            [bodies] if rule.function_info.is_none() && rule.rule_type == RuleType::Complete => bodies.as_slice(),
            _ => return None,
        };
        let [entry] = one else { return None };
        let start = usize::try_from(*entry).ok()?;
        match program.instructions.get(start..start + 4)? {
            [
                Instruction::RuleInit { result_reg, .. },
                load @ (Instruction::Load { dest: loaded, .. } | Instruction::LoadBool { dest: loaded, .. }),
                Instruction::Move { dest, src },
                Instruction::RuleReturn {},
            ] if dest == result_reg && src == loaded => Some(*load),
            _ => None,
        }
    };
    let constants: Vec<Option<Instruction>> = program.rule_infos.iter().map(constant).collect();
    for instruction in &mut program.instructions {
        if let Instruction::CallRule { dest, rule_index } = *instruction
            && let Some(Some(load)) = constants.get(usize::from(rule_index))
        {
            *instruction = *load;
            registers(instruction, &mut program.instruction_data, &mut |register, _| {
                *register = dest
            })?;
        }
    }
    Ok(())
}

/// Instructions to leave out, and to put before others.
struct Edit {
    left_out: Vec<bool>,
    before: BTreeMap<usize, Vec<Instruction>>,
    /// Where control may arrive from elsewhere.
    targets: BTreeSet<usize>,
}

impl Edit {
    fn new(program: &mut Program) -> Result<Self, String> {
        let mut targets = BTreeSet::new();
        places(program, |place| {
            targets.insert(place);
            Ok(place)
        })?;
        Ok(Self {
            left_out: vec![false; program.instructions.len()],
            before: BTreeMap::new(),
            targets,
        })
    }

    fn leave_out(&mut self, at: usize) {
        if let Some(left_out) = self.left_out.get_mut(at) {
            *left_out = true;
        }
    }

    /// Lets control pass to `at` only with these registers defined.
    fn guard(&mut self, at: usize, registers: impl IntoIterator<Item = u8>) {
        let guard = |register| Instruction::Guard {
            register,
            mode: GuardMode::NotUndefined,
        };
        self.before
            .entry(at)
            .or_default()
            .extend(registers.into_iter().map(guard));
    }

    fn apply(self, program: &mut Program) -> Result<(), String> {
        let mut written = Vec::with_capacity(program.instructions.len());
        let mut moved = Vec::with_capacity(program.instructions.len() + 1);
        for (at, (instruction, left_out)) in program.instructions.iter().zip(&self.left_out).enumerate() {
            moved.push(written.len());
            written.extend(self.before.get(&at).into_iter().flatten());
            if !left_out {
                written.push(*instruction);
            }
        }
        moved.push(written.len());
        program.instructions = written;
        places(program, |place| {
            moved
                .get(place)
                .copied()
                .ok_or_else(|| "a place outside of the program".into())
        })
    }
}

/// Every place in the code that is named somewhere.
fn places(program: &mut Program, mut visit: impl FnMut(usize) -> Result<usize, String>) -> Result<(), String> {
    fn number<N: TryFrom<usize> + Copy>(
        place: &mut N,
        visit: &mut impl FnMut(usize) -> Result<usize, String>,
    ) -> Result<(), String>
    where
        usize: TryFrom<N>,
    {
        let outside = || "a place outside of the program".to_owned();
        let old = usize::try_from(*place).map_err(|_| outside())?;
        *place = N::try_from(visit(old)?).map_err(|_| outside())?;
        Ok(())
    }
    for rule in &mut program.rule_infos {
        for entry in Arc::make_mut(&mut rule.definitions).iter_mut().flatten() {
            number(entry, &mut visit)?;
        }
        for block in rule.destructuring_blocks.iter_mut().flatten() {
            number(block, &mut visit)?;
        }
    }
    for place in program.entry_points.values_mut() {
        number(place, &mut visit)?;
    }
    number(&mut program.main_entry_point, &mut visit)?;
    for repeat in &mut program.instruction_data.loop_params {
        number(&mut repeat.body_start, &mut visit)?;
        number(&mut repeat.loop_end, &mut visit)?;
    }
    for begin in &mut program.instruction_data.comprehension_begin_params {
        number(&mut begin.body_start, &mut visit)?;
        number(&mut begin.comprehension_end, &mut visit)?;
    }
    for instruction in &mut program.instructions {
        if let Instruction::LoopNext { body_start, loop_end } = instruction {
            number(body_start, &mut visit)?;
            number(loop_end, &mut visit)?;
        }
    }
    Ok(())
}

/// How often each register is written, and read.
#[derive(Clone, Copy, Default, PartialEq)]
struct Counts {
    written: usize,
    read: usize,
}

/// The registers of one body and of the block before it. Other bodies of a rule begin with none of them.
struct Registers(Vec<Counts>);

impl Registers {
    fn of(program: &mut Program, places: impl Iterator<Item = usize>) -> Result<Self, String> {
        let mut found = vec![Counts::default(); 256];
        for at in places {
            let Some(instruction) = program.instructions.get_mut(at) else {
                continue;
            };
            registers(instruction, &mut program.instruction_data, &mut |register, access| {
                if let Some(counts) = found.get_mut(usize::from(*register)) {
                    counts.written += usize::from(access != Access::Read);
                    counts.read += usize::from(access != Access::Write);
                }
            })?;
        }
        Ok(Self(found))
    }

    fn counts(&self, register: u8) -> Counts {
        self.0.get(usize::from(register)).copied().unwrap_or_default()
    }

    /// Written at one place and read at one.
    fn passes(&self, register: u8) -> bool {
        self.counts(register) == Counts { written: 1, read: 1 }
    }

    /// The arguments by the registers of their names, where a block does nothing but name them.
    fn names(&self, program: &Program, block: RangeInclusive<usize>) -> Option<BTreeMap<u8, u8>> {
        let mut names = BTreeMap::new();
        let (steps, []) = program.instructions.get(*block.start()..*block.end())?.as_chunks::<2>() else {
            return None;
        };
        for step in steps {
            let [
                Instruction::Move { dest, src },
                Instruction::Guard {
                    register,
                    mode: GuardMode::NotUndefined,
                },
            ] = step
            else {
                return None;
            };
            let written = |register: u8| self.counts(register).written;
            if register != dest || written(*dest) != 1 || written(*src) != 0 {
                return None;
            }
            names.insert(*dest, *src);
        }
        Some(names)
    }

    /// Lets the instruction at `first` do what that at `second` does after it, where it can.
    fn join(&self, program: &mut Program, first: usize, second: usize) -> Result<bool, String> {
        let (Some(one), Some(other)) = (program.instructions.get(first), program.instructions.get(second)) else {
            return Ok(false);
        };
        let joined = match (*one, *other) {
            (
                Instruction::Eq { dest, left, right },
                Instruction::Guard {
                    register,
                    mode: GuardMode::Condition,
                },
            ) if dest == register && self.passes(dest) => match left == right {
                true => Instruction::Guard {
                    register: left,
                    mode: GuardMode::NotUndefined,
                },
                false => Instruction::AssertEq { left, right },
            },
            (
                Instruction::Not { dest, operand },
                Instruction::Guard {
                    register,
                    mode: GuardMode::Condition,
                },
            ) if dest == register && self.passes(dest) => Instruction::Guard {
                register: operand,
                mode: GuardMode::Not,
            },
            (mut made, Instruction::Move { dest, src }) if self.passes(src) => {
                let mut writes = false;
                registers(&mut made, &mut program.instruction_data, &mut |register, access| {
                    if access == Access::Write && *register == src {
                        *register = dest;
                        writes = true;
                    }
                })?;
                if !writes {
                    return Ok(false);
                }
                made
            }
            _ => return Ok(false),
        };
        if let Some(instruction) = program.instructions.get_mut(first) {
            *instruction = joined;
        }
        Ok(true)
    }

    /// Joins the steps of a body.
    fn join_steps(&self, program: &mut Program, edit: &mut Edit, body: &RangeInclusive<usize>) -> Result<(), String> {
        let mut before = None;
        for at in body.clone() {
            if edit.left_out.get(at) == Some(&true) {
                continue;
            }
            match before.filter(|_| !edit.targets.contains(&at)) {
                Some(first) if self.join(program, first, at)? => edit.leave_out(at),
                _ => before = Some(at),
            }
        }
        Ok(())
    }

    /// What loops give names to is put there at once.
    fn take_items(&self, program: &mut Program, edit: &mut Edit, body: &RangeInclusive<usize>) {
        for at in body.clone() {
            if let Some(Instruction::LoopStart { params_index }) = program.instructions.get(at)
                && let Some(repeat) = program.instruction_data.loop_params.get_mut(usize::from(*params_index))
            {
                let mut place = usize::from(repeat.body_start);
                while let Some(next) = self.take_item(&program.instructions, repeat, edit, place) {
                    place = next;
                }
            }
        }
    }

    /// Where it goes on behind the instructions at `place` that give a key or a value its name, if they do.
    fn take_item(
        &self,
        instructions: &[Instruction],
        repeat: &mut LoopStartParams,
        edit: &mut Edit,
        place: usize,
    ) -> Option<usize> {
        let Some(Instruction::Move { dest, src }) = instructions.get(place) else {
            return None;
        };
        // A loop that needs no keys names one register twice.
        let named = [repeat.key_reg, repeat.value_reg]
            .iter()
            .filter(|register| *register == src)
            .count();
        let passes = Counts {
            written: named,
            read: named + 1,
        };
        if named == 0 || self.counts(*src) != passes || self.counts(*dest).written != 1 {
            return None;
        }
        for register in [&mut repeat.key_reg, &mut repeat.value_reg] {
            if register == src {
                *register = *dest;
            }
        }
        edit.leave_out(place);
        // No collection holds anything undefined.
        let guarded = matches!(
            instructions.get(place + 1),
            Some(Instruction::Guard { register, mode: GuardMode::NotUndefined }) if register == dest
        );
        if guarded {
            edit.leave_out(place + 1);
        }
        Some(place + 1 + usize::from(guarded))
    }
}

/// One rule: where its bodies are.
struct Rule {
    number: usize,
    /// By definition: the places of its bodies.
    bodies: Vec<Vec<RangeInclusive<usize>>>,
    /// By definition: the places of the block that takes the arguments apart.
    blocks: Vec<Option<RangeInclusive<usize>>>,
}

impl Rule {
    fn of(program: &mut Program, number: usize) -> Result<Self, String> {
        let rule = program.rule_infos.get(number).ok_or("a rule without a description")?;
        let until = |start: u32, last: fn(&Instruction) -> bool| {
            let start = usize::try_from(start).map_err(|error| error.to_string())?;
            let rest = program.instructions.get(start..).unwrap_or_default();
            let length = rest.iter().position(last).ok_or("a rule without an end")?;
            Ok::<_, String>(start..=start + length)
        };
        let body = |entry: &u32| until(*entry, |at| matches!(at, Instruction::RuleReturn {}));
        let bodies = rule
            .definitions
            .iter()
            .map(|bodies| bodies.iter().map(body).collect::<Result<Vec<_>, _>>())
            .collect::<Result<Vec<_>, _>>()?;
        let block = |entry: &Option<u32>| {
            let until = |entry| until(entry, |at| matches!(at, Instruction::DestructuringSuccess {}));
            entry.map(until).transpose()
        };
        let blocks = rule
            .destructuring_blocks
            .iter()
            .map(block)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { number, bodies, blocks })
    }

    fn shorten(&self, program: &mut Program, edit: &mut Edit) -> Result<(), String> {
        self.start_at_once(program, edit);
        self.take_arguments(program, edit)?;
        for (bodies, block) in self.bodies.iter().zip(&self.blocks) {
            for body in bodies {
                let places = block.iter().chain([body]).cloned().flatten();
                let used = Registers::of(program, places)?;
                used.take_items(program, edit, body);
                used.join_steps(program, edit, body)?;
                yield_defined(program, edit, body);
            }
        }
        Ok(())
    }

    /// Numbers each definition's registers anew, for one after the other has them, and a call clears all that its rule names.
    fn number_registers(&self, program: &mut Program) -> Result<(), String> {
        let Some(rule) = program.rule_infos.get(self.number) else {
            return Ok(());
        };
        if rule.result_reg != 0 {
            return Err("a result that is not in the first register".into());
        }
        let arguments = rule.function_info.as_ref().map_or(0, |function| function.num_params);
        let kept = u8::try_from(arguments).map_err(|error| error.to_string())? + 1;
        let mut needed = kept;
        for (at, bodies) in self.bodies.iter().enumerate() {
            let block = self.blocks.get(at).into_iter().flatten();
            let mut numbers: BTreeMap<u8, u8> = (0..kept).map(|register| (register, register)).collect();
            for place in block.chain(bodies).cloned().flatten() {
                let Some(instruction) = program.instructions.get_mut(place) else {
                    continue;
                };
                registers(instruction, &mut program.instruction_data, &mut |register, _| {
                    let next = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
                    *register = *numbers.entry(*register).or_insert(next);
                })?;
            }
            needed = needed.max(u8::try_from(numbers.len()).unwrap_or(u8::MAX));
        }
        if let Some(rule) = program.rule_infos.get_mut(self.number) {
            rule.num_registers = needed;
        }
        Ok(())
    }

    /// `RuleInit` clears the result, which is clear: but for functions, whose result stays between bodies. There it may be
    /// set by a body that fails afterwards, where that iterates. What gathers from all of its bodies begins with the first.
    fn start_at_once(&self, program: &Program, edit: &mut Edit) {
        let Some(rule) = program.rule_infos.get(self.number) else {
            return;
        };
        let iterates = |at: usize| {
            let instruction = program.instructions.get(at);
            matches!(
                instruction,
                Some(Instruction::LoopStart { .. } | Instruction::ComprehensionBegin { .. })
            )
        };
        let mut clear = rule.rule_type == RuleType::Complete;
        for body in self.bodies.iter().flatten() {
            if clear {
                edit.leave_out(*body.start());
            }
            clear = match rule.rule_type {
                RuleType::Complete => rule.function_info.is_none() || clear && !body.clone().any(iterates),
                RuleType::PartialSet | RuleType::PartialObject => true,
            };
        }
    }

    /// Arguments that are only given names are used where they are, if they are defined.
    fn take_arguments(&self, program: &mut Program, edit: &mut Edit) -> Result<(), String> {
        for (at, (bodies, block)) in self.bodies.iter().zip(&self.blocks).enumerate() {
            let Some(block) = block else { continue };
            let places = bodies.iter().chain([block]).cloned().flatten();
            let used = Registers::of(program, places)?;
            let Some(names) = used.names(program, block.clone()) else {
                continue;
            };
            for place in bodies.iter().cloned().flatten() {
                let Some(instruction) = program.instructions.get_mut(place) else {
                    continue;
                };
                registers(instruction, &mut program.instruction_data, &mut |register, _| {
                    *register = names.get(register).copied().unwrap_or(*register);
                })?;
            }
            for body in bodies {
                let arguments: BTreeSet<u8> = names.values().copied().collect();
                edit.guard(body.start() + 1, arguments);
            }
            block.clone().for_each(|place| edit.leave_out(place));
            let rule = program.rule_infos.get_mut(self.number);
            if let Some(block) = rule.and_then(|rule| rule.destructuring_blocks.get_mut(at)) {
                *block = None;
            }
        }
        Ok(())
    }
}

/// Guards what a comprehension takes. It always iterates (see `vm_source`), so that the next item is the next to be tried.
fn yield_defined(program: &Program, edit: &mut Edit, body: &RangeInclusive<usize>) {
    for at in body.clone() {
        if let Some(Instruction::ComprehensionYield { value_reg, key_reg }) = program.instructions.get(at) {
            let taken = std::iter::once(value_reg).chain(key_reg);
            edit.guard(at, taken.copied());
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Access {
    Read,
    /// By this instruction alone, at once, and with nothing of what was there.
    Write,
    /// In any other way.
    Change,
}

/// The registers of an instruction.
fn registers(
    instruction: &mut Instruction,
    tables: &mut InstructionData,
    visit: &mut impl FnMut(&mut u8, Access),
) -> Result<(), String> {
    use Access::{Change, Read, Write};
    fn parameters<'t, T>(table: &'t mut [T], index: &u16) -> Result<&'t mut T, String> {
        let found = table.get_mut(usize::from(*index));
        found.ok_or_else(|| "an instruction without its parameters".into())
    }
    match instruction {
        Instruction::Load { dest, .. }
        | Instruction::LoadTrue { dest }
        | Instruction::LoadFalse { dest }
        | Instruction::LoadNull { dest }
        | Instruction::LoadBool { dest, .. }
        | Instruction::LoadData { dest }
        | Instruction::LoadInput { dest }
        | Instruction::CallRule { dest, .. } => visit(dest, Write),
        Instruction::Move { dest, src }
        | Instruction::Not { dest, operand: src }
        | Instruction::Count { dest, collection: src }
        | Instruction::IndexLiteral {
            dest, container: src, ..
        } => {
            visit(src, Read);
            visit(dest, Write);
        }
        Instruction::Add { dest, left, right }
        | Instruction::Sub { dest, left, right }
        | Instruction::Mul { dest, left, right }
        | Instruction::Div { dest, left, right }
        | Instruction::Mod { dest, left, right }
        | Instruction::Eq { dest, left, right }
        | Instruction::Ne { dest, left, right }
        | Instruction::Lt { dest, left, right }
        | Instruction::Le { dest, left, right }
        | Instruction::Gt { dest, left, right }
        | Instruction::Ge { dest, left, right }
        | Instruction::Index {
            dest,
            container: left,
            key: right,
        }
        | Instruction::Contains {
            dest,
            collection: left,
            value: right,
        } => {
            visit(left, Read);
            visit(right, Read);
            visit(dest, Write);
        }
        Instruction::BuiltinCall { params_index } => {
            let call = parameters(&mut tables.builtin_call_params, params_index)?;
            let arguments = call.args.iter_mut().take(call.num_args.into());
            arguments.for_each(|register| visit(register, Read));
            visit(&mut call.dest, Write);
        }
        Instruction::FunctionCall { params_index } => {
            let call = parameters(&mut tables.function_call_params, params_index)?;
            let arguments = call.args.iter_mut().take(call.num_args.into());
            arguments.for_each(|register| visit(register, Read));
            visit(&mut call.dest, Write);
        }
        Instruction::ObjectCreate { params_index } => {
            let object = parameters(&mut tables.object_create_params, params_index)?;
            object
                .literal_key_fields
                .iter_mut()
                .for_each(|(_, value)| visit(value, Read));
            for (key, value) in &mut object.fields {
                visit(key, Read);
                visit(value, Read);
            }
            visit(&mut object.dest, Write);
        }
        Instruction::ArrayCreate { params_index } => {
            let array = parameters(&mut tables.array_create_params, params_index)?;
            array.elements.iter_mut().for_each(|register| visit(register, Read));
            visit(&mut array.dest, Write);
        }
        Instruction::SetCreate { params_index } => {
            let set = parameters(&mut tables.set_create_params, params_index)?;
            set.elements.iter_mut().for_each(|register| visit(register, Read));
            visit(&mut set.dest, Write);
        }
        Instruction::ChainedIndex { params_index } => {
            let chain = parameters(&mut tables.chained_index_params, params_index)?;
            visit(&mut chain.root, Read);
            for part in &mut chain.path_components {
                if let LiteralOrRegister::Register(register) = part {
                    visit(register, Read);
                }
            }
            visit(&mut chain.dest, Write);
        }
        Instruction::LoopStart { params_index } => {
            let repeat = parameters(&mut tables.loop_params, params_index)?;
            visit(&mut repeat.collection, Read);
            for register in [&mut repeat.key_reg, &mut repeat.value_reg, &mut repeat.result_reg] {
                visit(register, Change);
            }
        }
        Instruction::ComprehensionBegin { params_index } => {
            let begin = parameters(&mut tables.comprehension_begin_params, params_index)?;
            visit(&mut begin.collection_reg, Read);
            for register in [&mut begin.key_reg, &mut begin.value_reg, &mut begin.result_reg] {
                visit(register, Change);
            }
        }
        Instruction::ComprehensionYield { value_reg, key_reg } => {
            visit(value_reg, Read);
            key_reg.iter_mut().for_each(|register| visit(register, Read));
        }
        Instruction::SetAdd { set, value } => {
            visit(value, Read);
            visit(set, Change);
        }
        Instruction::AssertEq { left, right } => {
            visit(left, Read);
            visit(right, Read);
        }
        Instruction::Guard { register, .. } => visit(register, Read),
        Instruction::Return { value } => visit(value, Read),
        Instruction::RuleInit { result_reg, .. } => visit(result_reg, Change),
        Instruction::LoopNext { .. }
        | Instruction::ComprehensionEnd {}
        | Instruction::DestructuringSuccess {}
        | Instruction::RuleReturn {}
        | Instruction::Halt {} => {}
        other => return Err(format!("an instruction that is not known: {other:?}")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use regorus::languages::rego::compiler::Compiler;
    use regorus::rvm::RegoVM;
    use regorus::rvm::program::Program;
    use regorus::{Engine, Value};

    use super::shorten;

    const MODULE: &str = r#"package t

path := ["spec", "name"]

either(x) := y if {
	y := x.a
	y > 1
} else := 0 if {
	not x.b
}

found(x, least) := list if {
	some v in x.list
	v > least
	list := x.list
}

found(x, _) := "three" if {
	x.three
	not x.list
}

kind("a") := 1

kind(x) := 2 if is_number(x)

same(x) if x == input.same

set contains [place, item] if {
	some place, item in input.list
	item > 1
	not same(item)
}

set contains "lit" if input.lit

object := {"path": path, "either": either(input.x), "set": set} if {
	count(set) > 0
} else := either(input.y)

all := [
	[path],
	[either(x) | some x in input.list],
	[either(input.x) | some _ in [0]],
	[found(input, 1) | some _ in [0]],
	[kind(x) | some x in input.list],
	[object | some _ in [0]],
]
"#;

    fn engine(module: &str) -> Engine {
        let mut engine = Engine::new();
        engine.add_policy("t.rego".into(), module.into()).unwrap();
        engine
    }

    fn program(module: &str) -> Program {
        let policy = engine(module).compile_with_entrypoint(&"data.t.all".into()).unwrap();
        Arc::unwrap_or_clone(Compiler::compile_from_policy(&policy, &["data.t.all"]).unwrap())
    }

    fn run(program: &Program, input: &str) -> Value {
        let mut vm = RegoVM::new();
        vm.load_program(Arc::new(program.clone()));
        vm.set_data(Value::new_object()).unwrap();
        vm.set_input(Value::from_json_str(input).unwrap());
        vm.execute_entry_point_by_name("data.t.all").unwrap()
    }

    /// What the interpreter says.
    fn interpreted(module: &str, input: &str) -> Value {
        let mut engine = engine(module);
        engine.set_input(Value::from_json_str(input).unwrap());
        engine.eval_rule("data.t.all".into()).unwrap()
    }

    #[test]
    fn fewer_instructions_say_the_same() {
        let long = program(MODULE);
        let mut short = long.clone();
        shorten(&mut short).unwrap();
        assert!(short.instructions.len() * 10 < long.instructions.len() * 9);
        let mut seen = std::collections::BTreeSet::new();
        for input in [
            "{}",
            r#"{"x": {"a": 2}, "list": [1, 2, 3]}"#,
            r#"{"x": {"a": 1}, "y": {"a": 7}, "list": [1], "same": 1}"#,
            r#"{"x": {"b": true}, "list": [2], "same": 2, "three": true}"#,
            r#"{"x": {"a": 5}, "list": [{"a": 2}, {"b": 1}, {}, "a", 4], "lit": true, "three": true}"#,
            r#"{"x": 5, "list": {"k": 9}, "lit": false}"#,
            r#"{"x": null, "list": [], "lit": 1}"#,
            r#"{"three": true}"#,
        ] {
            let said = run(&short, input);
            assert_eq!(said, interpreted(MODULE, input), "{input}");
            seen.insert(said);
        }
        assert!(seen.len() > 5, "the inputs tell nothing: {seen:?}");
    }

    #[test]
    fn a_comprehension_takes_nothing_undefined() {
        let module = r#"package t

text(x) := x if is_string(x)

all := [
	[text(x) | some x in input],
	{text(x) | some x in input},
	{i: text(x) | some i, x in input},
	{text(x): i | some i, x in input},
	[[text(x), y] | some x in input; some y in input],
	[y | some y in [text(x) | some x in input]],
]
"#;
        let input = r#"["a", 1, "b", null]"#;
        let mut program = program(module);
        shorten(&mut program).unwrap();
        assert_eq!(run(&program, input), interpreted(module, input));
    }

    #[test]
    fn an_unknown_instruction_is_refused() {
        let mut program = program(MODULE);
        let first = program
            .rule_infos
            .iter()
            .find_map(|rule| rule.definitions.first()?.first());
        let at = usize::try_from(*first.unwrap()).unwrap();
        program.instructions[at] = regorus::rvm::Instruction::LoadContext { dest: 0 };
        assert!(shorten(&mut program).unwrap_err().contains("LoadContext"));
    }
}
