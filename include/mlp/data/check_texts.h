/* check_texts.h - what is said about data, models and results that are odd: file, what was found, what was expected,
   what to do. Formats of mlp_warn. */
#pragma once

#define MLP_PIXELS_EQUAL "%s: every pixel of %s %zu image%s is %g, where pictures were expected; write the images again"
#define MLP_PIXELS_ALIKE "%s: every pixel is %g, where pictures were expected; write the images again"
#define MLP_PIXELS_SWAPPED                                                                                             \
    "%s: its pixels are numbers from %g to %g, as they are with their bytes in the wrong order, or where one is "      \
    "damaged; IDX is big-endian: write it again with the bytes swapped"
#define MLP_INTEGERS_SWAPPED                                                                                           \
    "%s: its pixels are %d-bit numbers from %g to %g, but with the bytes of each in the other order they are from %g " \
    "to %g; IDX is big-endian: write it again with the bytes swapped"
#define MLP_PIXELS_SIGNED                                                                                              \
    "%s: its pixels are signed bytes (IDX type 09) from %g to %g, where unsigned bytes (type 08) from 0 to 255 were "  \
    "expected; write it again as uint8"
#define MLP_PIXELS_DARK                                                                                                \
    "%s: its largest pixel is %.0f, where white was expected to be 255, so the network learns little; multiply the "   \
    "pixels by %.4g"
#define MLP_PIXELS_SMALL                                                                                               \
    "%s: its pixels are numbers from %g to %g, where a range like 0 to 1 was expected, so the network learns little; " \
    "multiply them by %.4g"
#define MLP_PIXELS_UNSCALED                                                                                            \
    "%s: its pixels are numbers from %g to %g, where a range like 0 to 1 was expected (only those of type 08, "        \
    "unsigned bytes, are divided by 255); divide them by %.6g, or write them as unsigned bytes"
#define MLP_PIXELS_NARROW                                                                                              \
    "%s: its pixels are numbers from %g to %g, where a range like 0 to 1 was expected, so the network learns little; " \
    "%s %.6g%s"
#define MLP_PIXELS_PALE                                                                                                \
    "%s: its pixels are bytes from %.0f to %.0f, where 0 to 255 were expected, so the network learns little; "         \
    "subtract %.0f, then multiply by %.4g"
#define MLP_PIXELS_FAR                                                                                                 \
    "%s: its largest pixel is %g, but the mean is %.3g, where a range like 0 to 1 was expected; is that pixel "        \
    "damaged? Correct or remove its image"
#define MLP_PIXELS_DIFFER                                                                                              \
    "%s: its pixels are from %g to %g, but those to train on from %g to %g; give both files the same scale"
#define MLP_PIXELS_INVERTED                                                                                            \
    "%s: its pixels have a mean of %.2f, but those to train on one of %.2f: one of the files seems to be inverted; "   \
    "write both light on dark, or both dark on light"
#define MLP_PIXELS_OF_MODEL                                                                                            \
    "%s: its pixels are from %g to %g, but %s was trained on pixels from %g to %g; give them the same scale, or add "  \
    "--pixel-mean %.4g --pixel-std %.4g"
#define MLP_MEAN_OF_MODEL                                                                                              \
    "%s: its pixels have a mean of %.2f, but %s was trained on a mean of %.2f: these images seem to be inverted; "     \
    "write them light on dark as those were, or dark on light"
#define MLP_TRANSPOSED_AS_MODEL                                                                                        \
    "%s: its images are transposed, as those that %s was trained on; add --transpose, or --transpose no if they are "  \
    "upright already"
#define MLP_IMAGES_BLANK                                                                                               \
    "%s: %zu of its %zu images, the first is image %zu, have the same value in every pixel, where pictures were "      \
    "expected; write them again, or remove them and their labels"
#define MLP_IMAGES_MIXED                                                                                               \
    "%s: about %zu %% of its images have a bright border and %zu %% a dark one, where one kind was expected; write "   \
    "all light on dark, or all dark on light"
#define MLP_IMAGES_EQUAL                                                                                               \
    "%s: all its %zu images are the same, where different ones were expected; write the images again"
#define MLP_SETS_EQUAL                                                                                                 \
    "%s: its images are also images to train on, where others were expected, so the accuracy says nothing about new "  \
    "images; name the test file"
#define MLP_LABELS_EQUAL                                                                                               \
    "%s: all %zu labels are %u, where at least two classes were expected; name a file with all classes"
#define MLP_LABELS_EQUAL_TEST                                                                                          \
    "%s: all %zu labels are %u, so the test accuracy is that of one class; name a file with all classes"
#define MLP_LABELS_ASCII                                                                                               \
    "%s: its labels are from %zu to %zu, as the characters '0' to '9' are, where numbers from 0 were expected; "       \
    "subtract 48"
#define MLP_LABELS_GAP                                                                                                 \
    "%s: label %zu is %zu, but no label is %s, where classes without gaps were expected; is that label "               \
    "damaged? The network gets %zu outputs: number the classes from 0"
#define MLP_LABELS_FEW                                                                                                 \
    "%s: the first %zu labels are of %zu of the file's %zu classes: its examples seem to be sorted; leave out "        \
    "--%s, or shuffle the file"
#define MLP_LABELS_ONLY_TEST                                                                                           \
    "%s: label %u (%zu example%s) does not occur in %s, so it cannot be learned; name two parts of the same set"
#define MLP_LABELS_ONLY_TRAIN                                                                                          \
    "%s: label %u does not occur, but %s has %zu example%s of it, so the accuracy says nothing about it; name two "    \
    "parts of the same set"

#define MLP_RESULT_ROSE                                                                                                \
    "the train loss rose from %.4g to %.4g, where a lower one was expected: the steps are too large; try a lower "     \
    "--lr%s"
#define MLP_RESULT_WORSE                                                                                               \
    "the train loss %.4g is no better than that of guessing (%.4g): the network has learned nothing; try a lower "     \
    "--lr%s"
#define MLP_RESULT_FELL                                                                                                \
    "the train loss fell from %.4g to %.4g, but is no better than that of guessing (%.4g): the network has learned "   \
    "nothing from the pixels; try more --iters or a higher --lr, or else a lower one%s"
#define MLP_RESULT_STUCK                                                                                               \
    "the train loss %.4g is not well below that of guessing (%.4g): the network has learned nothing; try a higher "    \
    "--lr or more --iters%s%s, and check the scale of the pixels and the order of the labels"
#define MLP_RESULT_ONE_CLASS                                                                                           \
    "the network predicts class %zu for all %zu test images, where different classes were expected; try more "         \
    "--iters, or another --lr%s"
#define MLP_RESULT_APART                                                                                               \
    "the train accuracy is %.4f, but the test accuracy %.4f: the two sets do not have the same kind of examples; "     \
    "compare their labels and the orientation of their images (--transpose)"
#define MLP_MODEL_ONE_CLASS                                                                                            \
    "%s: predicts class %zu for all %zu test images, where different classes were expected; is its --activation "      \
    "right, and are these images like those that it was trained on (scale, mean, orientation)?"
#define MLP_MODEL_GUESSES                                                                                              \
    "%s: its test loss %.4g is not below that of guessing (%.4g); is its --activation right, and are these images "    \
    "and labels like those that it was trained on (scale, mean, orientation, order of the classes)?"
#define MLP_MODEL_UNSURE                                                                                               \
    "%s: gives its predictions for these %zu images a mean probability of %.2f, where at least %.2f was expected, as " \
    "for its test images; are these like those that it was trained on (scale, position, orientation)?"

#define MLP_MODEL_OTHER_ACTIVATION                                                                                     \
    "%s: has a test accuracy of %.4f with --activation %s, but %.4f with %s, where the one of its training was "       \
    "expected to be the best; is it %s?"
#define MLP_MODEL_CONSTANT                                                                                             \
    "%s: predicts a class with a probability of about %.2f for all %zu images, where different probabilities were "    \
    "expected; is its --activation right, and did it learn anything (--eval)?"
#define MLP_MODEL_DARK_ON_LIGHT                                                                                        \
    "--fit: makes light on dark, but %s was trained on dark on light; train it on light on dark"
#define MLP_PICTURES_DARK                                                                                              \
    "%s: %s no pixel above 0.1, where white (1) was expected; is the largest value in the header right? If it was "    \
    "transparent, convert it by: convert PICTURE -background white -alpha remove pgm:-"
#define MLP_PICTURES_LIGHT_ON_DARK "%s: %s a dark border, but %s was trained on dark on light; give it dark on light"
#define MLP_PICTURES_DARK_ON_LIGHT                                                                                     \
    "%s: %s a bright border, as black on white has; models learn MNIST's white on black; add --fit, which takes both"
