#!/bin/sh
# What is claimed of a GPU, measured there: suites/gpu.sh ARCHIVE OUT PART
#   table      values and times of every framework that the machine has, in one run; called again it goes on with that run
#   watch      kernels against the measured peak, a trace, and 10000 training steps whose memory is watched
#   validate   every program's step of the kernels without matrix units under the Khronos layer with synchronization validation: no message;
#              those of matrix units too (VARIANTS="vulkan vulkan-tf32") where the layer knows them, as 1.4.363 does and 1.3 does not
# ARCHIVE is target/griffinfly-*-linux-x64.tar.xz of `./mvnw -P portable package`; a machine needs neither a JDK nor Maven.
# OUT takes what came of it; the runs are kept there, so that a table can be made in several calls, on machines in turn.
# DEVICE names another device than the first GPU, SECONDS_LEFT ends `table` in time (default 540), FRAMEWORKS names its contenders and ROUNDS how many processes each gets (default 1), VARIANTS those that `watch` and `validate` have and STEPS how many, TMPDIR is where the archive is unpacked.
set -u
[ $# -eq 3 ] || { sed -n '2,10s/^# //p' "$0"; exit 2; }
archive=$(realpath -- "$1") || exit 2
mkdir -p -- "$2" || exit 1
out=$(realpath -- "$2") || exit 1
home=${TMPDIR:-/tmp}/griffinfly-gpu
mkdir -p -- "$home" || exit 1
[ -x "$home/griffinfly/run.sh" ] || { tar -xJf "$archive" -C "$home" && mv "$home"/griffinfly-* "$home/griffinfly"; } || exit 1
cd -- "$home/griffinfly" || exit 1
run="./run.sh -m SmolLM2 --device ${DEVICE:-vulkan} --progress plain --out $out/$3"
gpu() { command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.used,clocks.sm --format=csv,noheader; }

case $3 in
  table)
    gpu
    ./run.sh --list-devices
    contenders=${FRAMEWORKS:-griffinfly,jax:jit-tf32,pytorch:eager-tf32,pytorch:compile-tf32,pytorch:reduce-overhead-tf32}
    [ -d "$out/table" ] && set -- ./run.sh --resume --progress plain --out "$out/table" || set -- $run -f "$contenders" --rounds "${ROUNDS:-1}"
    # The first interrupt lets a run end so that it can be resumed.
    timeout --signal=INT --kill-after=30 "${SECONDS_LEFT:-540}" "$@"
    status=$?
    [ $status -eq 0 ] && ./run.sh --update --out "$out/table" && cp -r results "$out/"
    exit $status
    ;;
  watch)
    gpu
    variants=${VARIANTS:-vulkan-tf32 vulkan}
    for variant in $variants; do
      $run -f griffinfly:$variant --kernels --trace "$out/$variant.trace.json" --rounds 1 >"$out/$variant.kernels.txt" || exit
    done
    $run -f "griffinfly:${variants%% *}" --endurance "${STEPS:-10000}" --rounds 1 >"$out/endurance.txt" &
    job=$!
    while kill -0 $job 2>/dev/null; do gpu; sleep 5; done >"$out/endurance.gpu.txt"
    wait $job || exit
    tail -n 16 "$out/endurance.txt"
    ;;
  validate)
    # The layer reads its settings from a file, whose names a newer one changed, and has what it says in one of its own, begun anew by every process.
    export VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation
    export VK_LAYER_SETTINGS_PATH="$home/vk_layer_settings.txt"
    layer=$(cat /usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json /etc/vulkan/explicit_layer.d/VkLayer_khronos_validation.json 2>/dev/null |
      sed -n 's/.*"api_version": *"\(1\.[0-9]*\).*/\1/p' | head -n 1)
    case $layer in
      '') echo "the layer is not there: install vulkan-validationlayers"; exit 1 ;;
      1.[0-3]) synchronization='enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT' ;;
      *) synchronization='validate_sync = true' ;;
    esac
    for variant in ${VARIANTS:-vulkan}; do
      said="$out/$variant.validation.txt"
      {
        echo "khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG"
        echo "khronos_validation.log_filename = $said"
        echo "khronos_validation.report_flags = error,warn,info"
        echo "khronos_validation.$synchronization"
        [ "$layer" != "${layer#1.[0-3]}" ] || echo "khronos_validation.syncval_shader_accesses_heuristic = true"
      } >"$VK_LAYER_SETTINGS_PATH"
      rm -f "$said"
      $run -f "griffinfly:$variant" --verify-only || exit
      # A layer that was not there has nothing to say either.
      grep -q -e 'Validation Layer Active' -e CURRENT-VALIDATION-ENABLED "$said" || { echo "the layer was not there: is it installed?"; exit 1; }
      grep -q -i -e SYNCHRONIZATION "$said" || { echo "the layer does not validate synchronization"; exit 1; }
      messages=$(grep -c -e '^Validation Error' -e '^Validation Warning' -e SYNC-HAZARD "$said")
      echo "$variant: $messages messages of the validation layer"
      [ "$messages" -eq 0 ] || { cut -c1-400 "$said" | head -n 40; exit 1; }
    done
    ;;
  *)
    sed -n '2,10s/^# //p' "$0"
    exit 2
    ;;
esac
